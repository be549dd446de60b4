"""What a check has found."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How it stands."""

    #: As it should be.
    OK = "ok"
    #: It works, but somebody should know.
    WARNING = "warning"
    #: Something does not work.
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands, in a sentence; and what to do, unless it is well."""

    check: str
    mark: Mark
    message: str
    remedy: str = ""


def well(check: str, message: str) -> Finding:
    return Finding(check, Mark.OK, message)


def worth_knowing(check: str, message: str, remedy: str) -> Finding:
    return Finding(check, Mark.WARNING, message, remedy)


def broken(check: str, message: str, remedy: str) -> Finding:
    return Finding(check, Mark.ERROR, message, remedy)
