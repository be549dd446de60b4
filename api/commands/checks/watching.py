"""Whether libraries are watched that should be."""

from collections.abc import Iterable, Iterator

from api.commands.checks.finding import Finding, well, worth_knowing
from shared.watches import Standing, WatchState


def watching(libraries: Iterable[tuple[str, Standing]]) -> Iterator[Finding]:
    """Check how the watching of each library goes; ``libraries``: names, and how it goes."""
    for name, standing in libraries:
        if standing.state is WatchState.EVENTS:
            yield well("watching", f"Library {name} is watched.")
        elif standing.state is WatchState.POLLING:
            yield worth_knowing(
                "watching",
                f"Library {name} is scanned every now and then, as changes can't be noticed: {standing.message}",
                "Set its scanIntervalMinutes to how often; the default is 15.",
            )
        elif standing.state is not WatchState.OFF:
            why = standing.message or "Nobody has begun to."
            yield worth_knowing("watching", f"Library {name} is not watched. {why}", "Wait a moment, then look again.")
