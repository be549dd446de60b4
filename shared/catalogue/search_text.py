"""The layout of ``SearchText.text``, which workers write and searches read, and the words that it is found by."""

from collections.abc import Iterable

from shared.catalogue.normal import normalised

#: Letters of a name that are searched.
_LONGEST_NAME = 500
#: Letters up to which a name without its spaces counts as a word that may be misspelled: ``spiderman``, ``starwars``.
_LONGEST_JOINED = 12


def search_text(names: Iterable[str | None]) -> str:
    r"""Spell the names by which something may be asked for, so that one comparison says where in a name a text stands.

    ``WALL·E`` is ``"\n wall e \n walle \n"``: each name is normalised on a line, and once more without its spaces where
    it has some. Every word has a space on both sides: ``"\n wall"`` stands where a name begins, ``" wall"`` where a
    word does.
    """
    lines: dict[str, None] = {}
    for name in names:
        line = normalised(name or "")[:_LONGEST_NAME].strip()
        if line:
            lines |= {line: None, line.replace(" ", ""): None}
    return "\n" + "".join(f" {line} \n" for line in lines)


def lines_of(text: str) -> list[str]:
    """Return the names in a text of this layout, the title first."""
    return [line[1:-1] for line in text.split("\n")[1:-1]]


def words_of(text: str) -> set[str]:
    """Return the words in a text of this layout: those that a part or a misspelling of a word is looked up in.

    A long name without its spaces is none: there would be as many as titles, and nobody types them with a mistake.
    """
    lines = lines_of(text)
    joined = {line.replace(" ", "") for line in lines if " " in line}
    return {word for line in lines if line not in joined or len(line) <= _LONGEST_JOINED for word in line.split()}
