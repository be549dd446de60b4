"""By what a file is known again."""

from pathlib import Path

import pytest

from worker.fingerprint import fingerprint

KIB = 1024
CONTENT = bytes(range(256)) * KIB


def of(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "file"
    file.write_bytes(content)
    return fingerprint(file)


@pytest.mark.parametrize("content", [b"", b"x", CONTENT[: 64 * KIB], CONTENT[: 100 * KIB], CONTENT])
def test_a_file_is_known_by_its_content_wherever_it_lies(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "elsewhere").mkdir()

    assert of(tmp_path, content) == of(tmp_path / "elsewhere", content)


@pytest.mark.parametrize(
    "other",
    [b"y" + CONTENT[1:], CONTENT[:-1] + b"y", CONTENT + CONTENT, CONTENT[: 100 * KIB]],
    ids=["head", "tail", "size", "shorter"],
)
def test_another_head_tail_or_size_is_another_file(tmp_path: Path, other: bytes) -> None:
    assert of(tmp_path, CONTENT) != of(tmp_path, other)


def test_a_file_that_is_gone_has_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fingerprint(tmp_path / "gone")
