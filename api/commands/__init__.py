"""The commands of `dester`, one module each."""


class CommandError(Exception):
    """A command can't do what it is there for; the message is for the person who typed it."""
