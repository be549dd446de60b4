"""guessit, for names that the rules are not sure of: slow and wide where they are fast and narrow."""

import logging
from typing import NamedTuple

from guessit import guessit

log = logging.getLogger(__name__)

#: guessit's time grows with the square of a name's length and of its numbers.
_LONGEST = 100
_MOST_NUMBERS = 24
#: Without what stands in a user's own configuration: one name means the same on every machine.
_OPTIONS = {"no_user_config": True}


class SecondOpinion(NamedTuple):
    """What guessit says; no more of it than is used."""

    title: str | None = None
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    episode_title: str | None = None


NO_OPINION = SecondOpinion()


def ask_movie(name: str) -> SecondOpinion:
    """Ask about a film: ``Das.Boot.GERMAN.DL`` is ``Das Boot``."""
    return _ask(name, "movie")


def ask_episode(name: str) -> SecondOpinion:
    """Ask about an episode: ``Show.Name.102.HDTV-GRP`` is season 1, episode 2 of ``Show Name``."""
    return _ask(name, "episode")


def _ask(name: str, kind: str) -> SecondOpinion:
    if len(name) > _LONGEST or sum(map(str.isdecimal, name)) > _MOST_NUMBERS:
        return NO_OPINION
    try:
        found = guessit(name, {**_OPTIONS, "type": kind})
    except Exception:
        # Swallowed on purpose: whatever it trips over in an odd name, the plain title is answer enough.
        log.debug("guessit did not understand %r", name, exc_info=True)
        return NO_OPINION
    title, episode_title = found.get("title"), found.get("episode_title")
    return SecondOpinion(
        title.strip() if isinstance(title, str) and any(map(str.isalnum, title)) else None,
        _number(found.get("year")),
        _number(found.get("season")),
        _numbers(found.get("episode")),
        episode_title if isinstance(episode_title, str) else None,
    )


def _number(value: object) -> int | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, int) else None


def _numbers(value: object) -> tuple[int, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(number for number in values if isinstance(number, int))
