"""Which folders a scan of touched ones looks at."""

import pytest

from shared.scan_options import ScanOptions
from shared.scan_scope import MOST, Scope, above


@pytest.mark.parametrize(
    ("path", "is_covered", "is_way"),
    [
        ("", False, True),
        ("a", False, True),
        ("a/b", True, True),
        ("a/b/c", False, False),
        ("a/bc", False, False),
        ("t", True, True),
        ("t/u/v", True, True),
        ("tt", False, False),
    ],
)
def test_a_folder_is_looked_at_alone_and_a_tree_with_all_below(path: str, is_covered: bool, is_way: bool) -> None:  # noqa: FBT001
    scope = Scope.of(["a/b"], ["t"])

    assert scope.covers(path) is is_covered
    assert scope.leads_to(path) is is_way


def test_the_outermost_folder_alone_is_not_everything() -> None:
    scope = Scope.of([""])

    assert scope.covers("")
    assert not scope.covers("a")
    assert not scope.is_all
    assert Scope.of(trees=[""]).is_all


def test_a_scope_names_nothing_twice() -> None:
    scope = Scope.of(["a", "a/b", "c"], ["a", "a/d/e"])

    assert (scope.folders, scope.trees) == (("c",), ("a",))


def test_a_scope_that_would_name_too_much_names_the_folders_above() -> None:
    scope = Scope.of(trees=[f"shows/{number}" for number in range(MOST + 1)])

    assert scope.trees == ("shows",)
    assert Scope.of(folders=[str(number) for number in range(MOST + 1)]).is_all


def test_two_scopes_together_look_at_what_each_does() -> None:
    assert Scope.of(["a"], ["t"]) | Scope.of(["t/u", "b"]) == Scope.of(["a", "b"], ["t"])


def test_the_folder_above_the_outermost_is_itself() -> None:
    assert [above("a/b"), above("a"), above("")] == ["a", "", ""]


def test_a_scope_comes_back_from_the_database_as_it_was() -> None:
    options = ScanOptions(max_depth=3, only=Scope.of(["a"], ["b/c"]))

    assert ScanOptions.from_json(options.to_json()) == options
    assert ScanOptions.from_json(ScanOptions().to_json()) == ScanOptions()
