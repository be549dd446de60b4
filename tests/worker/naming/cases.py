"""How a line of the tables is written: a path, and what it must become."""

from typing import Any

import pytest

from shared.kinds import ExtraType
from worker.naming import Kind


def film(path: str, title: str, year: int | None = None, **more: Any) -> Any:
    return pytest.param(path, {"kind": Kind.MOVIE, "title": title, "year": year, **more}, id=path)


def show(path: str, title: str, season: int | None, *episodes: int, **more: Any) -> Any:
    expected = {"kind": Kind.EPISODE, "title": title, "season": season, "episodes": episodes, **more}
    return pytest.param(path, expected, id=path)


def extra(path: str, kind: ExtraType, title: str, year: int | None = None, **more: Any) -> Any:
    return pytest.param(path, {"kind": Kind.EXTRA, "title": title, "year": year, "extra": kind, **more}, id=path)
