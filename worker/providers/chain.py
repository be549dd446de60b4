"""The providers in force, asked in order of their priority."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from shared import providers as configured
from shared.kinds import ProviderName
from shared.settings import API_KEY
from worker.providers.base import Metadata, Problem, Provider, ProviderError, Wanted
from worker.providers.nfo import NfoProvider
from worker.providers.tmdb import TmdbProvider
from worker.resources import Resources

log = logging.getLogger(__name__)

NO_KEY = Problem(
    "no-tmdb-key", "No TMDB API key is set, or TMDB is disabled; the title is looked up as soon as it can be asked."
)
NOT_FOUND = Problem("not-found", "No provider knows this title well enough.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the providers in force came to."""

    #: None where nobody knew the title.
    metadata: Metadata | None
    #: Why there is no title, where there is none.
    reason: Problem | None
    #: A provider that could not be asked, or did not answer.
    error: ProviderError | None


def in_force(session: Session, resources: Resources) -> list[Provider]:
    """Make the providers that are enabled and configured, first to be asked first."""
    return [MAKERS[row.name](row.config, resources) for row in configured.in_force(session)]


def ask(providers: Sequence[Provider], wanted: Wanted) -> Answer:
    """Ask one provider after the other, each for what is missing still, until nothing is.

    A provider that fails costs its own part of the answer, not what the others know.
    """
    metadata: Metadata | None = None
    failure: ProviderError | None = None
    for provider in providers:
        if metadata is not None:
            if metadata.answers(wanted):
                break
            wanted = metadata.narrowed(wanted)
        try:
            answer = provider.fetch(wanted)
        except ProviderError as error:
            failure = error
            continue
        except Exception:
            # A bug in a provider, or an answer that nobody thought of: it costs this title, not the batch.
            log.exception("Provider %s failed over %r.", provider.name, wanted.title)
            why = f"The provider {provider.name} failed over this title; the log says why."
            failure = ProviderError(why, cause="provider-failed", permanent=True)
            continue
        if answer is not None:
            metadata = metadata.filled_from(answer) if metadata else answer
    if metadata is not None and metadata.title is not None:
        return Answer(metadata, None, failure)
    if failure is not None:
        return Answer(metadata, Problem(failure.cause, str(failure)), failure)
    reason = NOT_FOUND if any(provider.name == ProviderName.TMDB for provider in providers) else NO_KEY
    return Answer(metadata, reason, None)


def _nfo(_config: Mapping[str, Any], _resources: Resources) -> Provider:
    return NfoProvider()


def _tmdb(config: Mapping[str, Any], resources: Resources) -> Provider:
    return TmdbProvider(
        config[API_KEY],
        base_url=resources.config.tmdb_base_url,
        image_base_url=resources.config.tmdb_image_base_url,
        budget=resources.tmdb_budget,
        session=resources.session,
    )


#: Who makes each provider that there is.
MAKERS: Mapping[str, Callable[[Mapping[str, Any], Resources], Provider]] = {
    ProviderName.NFO: _nfo,
    ProviderName.TMDB: _tmdb,
}
