"""What the guides promise to hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import tasks
from shared.reconciliation import StopReason

ROOT = Path(tasks.__file__).parent.parent
#: What is called with the cause of a failure.
_NAMERS = {"Passed", "PictureError", "ProbeError", "Problem", "ProviderError", "_note", "note_failure"}
_CAUSE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def causes() -> set[str]:
    """Return every cause that a failure can have, by the calls in which it is named."""
    found = {reason.value for reason in StopReason}
    for path in sorted((ROOT / "worker").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in _NAMERS:
                    found |= {text for text in _texts(node) if _CAUSE.fullmatch(text)}
                elif name == "_error" and "providers" in path.parts:
                    found |= {f"tmdb-{text}" for text in _texts(node) if re.fullmatch("[a-z-]+", text)}
    return found


def _texts(call: ast.Call) -> Iterator[str]:
    for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


@pytest.mark.parametrize("cause", sorted(causes()))
def test_the_operations_guide_says_of_every_failure_what_to_do(cause: str) -> None:
    assert f"`{cause}`" in (ROOT / "docs" / "operations.md").read_text()


def causes_in_the_guide() -> list[str]:
    """Return the causes in the table of what a scan could not do; ``tvmaze-…`` stands for those of TMDB."""
    guide = (ROOT / "docs" / "operations.md").read_text()
    table = guide.partition("### What a scan could not do")[2].partition("\n### ")[0]
    firsts = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return sorted(cause for first in firsts for cause in re.findall("`([a-z-]+)`", first))


@pytest.mark.parametrize("cause", causes_in_the_guide())
def test_the_operations_guide_tells_of_no_failure_that_there_is_not(cause: str) -> None:
    sources = "".join(path.read_text() for folder in ("shared", "worker") for path in (ROOT / folder).rglob("*.py"))

    # Those of a provider are put together of its name and what follows.
    assert re.search(rf"[\"-]{re.escape(cause.removeprefix('tmdb-'))}\"", sources)


@pytest.mark.parametrize(
    "document",
    [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_link_between_the_documents_leads_somewhere(document: Path) -> None:
    text = re.sub(r"^    .*$", "", document.read_text(), flags=re.MULTILINE)

    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, heading = target.partition("#")
        if "://" in place:
            continue
        found = (document.parent / place) if place else document
        assert found.exists(), target
        if heading and found.suffix == ".md":
            assert heading in headings(found), target


def headings(document: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
