"""What can go wrong with a request, in the words of the domain. The API maps each to a status in one table."""


class DomainError(Exception):
    """A request that can't be met; the message is for the person who made it."""


class InvalidError(DomainError):
    """A field has a value that can't be used; ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(DomainError):
    """There is nothing by that id."""


class ConflictError(DomainError):
    """The thing is not in a state that allows this."""


class UnavailableError(DomainError):
    """A part of the system that is needed is not there just now."""


class UnauthenticatedError(DomainError):
    """It isn't known who asks, and that has to be known."""


class ForbiddenError(DomainError):
    """Who asks may not do this."""


class TooManyError(DomainError):
    """It was tried too often; it may be tried again after so many ``seconds``."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
