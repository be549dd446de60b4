"""tmdbsimple made fit for a server: a key per instance, over connections and a budget that all its requests share."""

from collections.abc import Iterable, Mapping
from typing import Any

import requests
import tmdbsimple
from requests.auth import AuthBase
from tmdbsimple.base import TMDB

from worker.providers.base import ProviderError
from worker.providers.budget import Budget
from worker.providers.json_client import JsonClient

Json = dict[str, Any]


class _Key(AuthBase):
    """The key upon one request; as its ``auth`` it also keeps requests from looking for another in ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._key = key.strip()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key.startswith("eyJ"):
            request.headers["Authorization"] = f"Bearer {self._key}".encode()  # type: ignore[assignment]
        else:
            request.prepare_url(request.url, {"api_key": self._key})
        return request


class TmdbClient:
    """TMDB's requests, each one from the budget; None where TMDB knows no such thing."""

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str,
        budget: Budget,
        session: requests.Session,
        language: str,
        timeout: tuple[float, float],
    ) -> None:
        self._http = JsonClient(
            "TMDB",
            base_url=f"{base_url.rstrip('/')}/{tmdbsimple.API_VERSION}",
            budget=budget,
            session=session,
            timeout=timeout,
            key=_Key(api_key),
        )
        self._language = language

    def search_movies(self, **params: str | int) -> Json | None:
        answer: Json | None = _Search(self).movie(**params)
        return answer

    def search_shows(self, **params: str | int) -> Json | None:
        answer: Json | None = _Search(self).tv(**params)
        return answer

    def movie(self, movie_id: str, *parts: str) -> Json | None:
        answer: Json | None = _Movies(self, movie_id).info(**self._appending(parts))
        return answer

    def show(self, show_id: str, *parts: str, language: str | None = None) -> Json | None:
        """Ask for a show, in another language than all else if need be."""
        spoken = {"language": language} if language else {}
        answer: Json | None = _Shows(self, show_id).info(**self._appending(parts), **spoken)
        return answer

    def episode_group(self, group_id: str) -> Json | None:
        answer: Json | None = _EpisodeGroups(self, group_id).info()
        return answer

    def find(self, external_id: str, source: str) -> Json | None:
        answer: Json | None = _Find(self, external_id).info(external_source=source)
        return answer

    def _appending(self, parts: Iterable[str]) -> dict[str, str]:
        """Ask for parts beside an answer; trailers also in English, for few are in any other language."""
        spoken = self._language.partition("-")[0]
        also = {"include_video_language": f"{spoken},en"} if spoken != "en" else {}
        return {"append_to_response": ",".join(parts), **also}

    def get(self, path: str, params: Mapping[str, str | int] | None) -> Json | None:
        """Ask for one path; what TMDB does not know is None.

        Raises:
            ProviderError: with a cause that says why there was no answer.

        """
        answer = self._http.get(path, {"language": self._language, **(params or {})})
        if answer is not None and not isinstance(answer, dict):
            raise self.garbage()
        return answer

    def garbage(self) -> ProviderError:
        return self._http.garbage()


class _OverClient(TMDB):  # type: ignore[misc]  # tmdbsimple carries no type information
    """A tmdbsimple endpoint that sends through a client, and not through the module's globals."""

    def __init__(self, client: TmdbClient, endpoint_id: str = "") -> None:
        # TMDB's own __init__ only copies those globals, and raises without a global key.
        self._client = client
        self.id = endpoint_id

    def _request(
        self,
        _method: str,
        path: str,
        params: Mapping[str, str | int] | None = None,
        _payload: object = None,
    ) -> Json | None:
        return self._client.get(path, params)

    def _set_attrs_to_values(self, response: object = None) -> None:
        """Leave the answer an answer."""


class _Movies(_OverClient, tmdbsimple.Movies):  # type: ignore[misc]
    pass


class _Shows(_OverClient, tmdbsimple.TV):  # type: ignore[misc]
    pass


class _EpisodeGroups(_OverClient, tmdbsimple.TV_Episode_Groups):  # type: ignore[misc]
    pass


class _Search(_OverClient, tmdbsimple.Search):  # type: ignore[misc]
    pass


class _Find(_OverClient, tmdbsimple.Find):  # type: ignore[misc]
    pass
