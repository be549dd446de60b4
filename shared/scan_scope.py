"""Which folders of a library a scan looks at, where that is not all of them. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

#: A scope names no more folders than so many; it would be as long as the library otherwise, and is widened instead.
MOST = 200


@dataclass(frozen=True)
class Scope:
    """Folders by their paths below the scan's own: ``""`` is that itself, ``"Heat (1995)/Extras"`` lies below."""

    #: Those that are looked at without what lies below them.
    folders: tuple[str, ...] = ()
    #: Those that are looked at with everything below them.
    trees: tuple[str, ...] = ()

    @classmethod
    def of(cls, folders: Iterable[str] = (), trees: Iterable[str] = ()) -> "Scope":
        """Make a scope that names nothing twice; where it would name too much, the folders above, wholly."""
        only, whole = set(folders), set(trees)
        while len(only) + len(whole) > MOST:
            whole = {above(path) for path in only | whole}
            only = set()
        whole = {path for path in whole if not any(lies in whole for lies in _around(path))}
        only = {path for path in only - whole if not any(lies in whole for lies in _around(path))}
        return cls(tuple(sorted(only)), tuple(sorted(whole)))

    def __or__(self, other: "Scope") -> "Scope":
        return Scope.of({*self.folders, *other.folders}, {*self.trees, *other.trees})

    @property
    def is_all(self) -> bool:
        return "" in self.trees

    def covers(self, path: str) -> bool:
        """Whether a folder is looked at."""
        return path in self.folders or path in self.trees or any(lies in self.trees for lies in _around(path))

    def leads_to(self, path: str) -> bool:
        """Whether a folder is looked at, or one below it is."""
        return path in self._ways or self.covers(path)

    @cached_property
    def _ways(self) -> frozenset[str]:
        return frozenset(lies for path in (*self.folders, *self.trees) for lies in (path, *_around(path)))


@dataclass(frozen=True, slots=True)
class Touched:
    """Where something changed in a library, by paths below its own: see ``Scope``."""

    folders: frozenset[str] = frozenset()
    trees: frozenset[str] = frozenset()
    #: What is gone; a file or a folder, that can't be seen any more.
    gone: frozenset[str] = frozenset()


def above(path: str) -> str:
    """Return the folder that holds a folder or file; the outermost one is ``""``, also of itself."""
    return path.rpartition("/")[0]


def _around(path: str) -> Iterator[str]:
    """Return the folders around a folder, the nearest first."""
    while path:
        path = above(path)
        yield path
