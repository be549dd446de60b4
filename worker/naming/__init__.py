"""From a path to a guess: what a name says a file is. Pure: no disk, no clock, no network."""

from shared.kinds import ExtraType
from worker.naming.guess import Guess, Kind
from worker.naming.names import guess_file

__all__ = ["ExtraType", "Guess", "Kind", "guess_file"]
