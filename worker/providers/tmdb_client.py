"""tmdbsimple made fit for a server: pooled connections, a key per instance, time-outs, a budget, errors told apart."""

import json
import logging
import re
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import tmdbsimple
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from tmdbsimple.base import TMDB

from worker.providers.base import ProviderError
from worker.providers.budget import LONGEST_PAUSE, Budget

Json = dict[str, Any]

#: How long to wait after a 429 that names no time.
_DEFAULT_PAUSE = 5.0

_KEY_IN_URL = re.compile(r"(api_key=)[^&\s]+")


class _WithoutKey(logging.Filter):
    """urllib3 logs the addresses it asks for, and a v3 key is part of them."""

    def filter(self, record: logging.LogRecord) -> bool:
        if "api_key=" in (message := record.getMessage()):
            record.msg, record.args = _KEY_IN_URL.sub(r"\1…", message), None
        return True


_WITHOUT_KEY = _WithoutKey()


def new_session(pool_size: int) -> requests.Session:
    """Make a session that keeps so many connections open, for as many threads."""
    logging.getLogger("urllib3.connectionpool").addFilter(_WITHOUT_KEY)
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=pool_size)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


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
        self._key = _Key(api_key)
        self._base_url = f"{base_url.rstrip('/')}/{tmdbsimple.API_VERSION}"
        self._budget = budget
        self._session = session
        self._language = language
        self._timeout = timeout

    def search_movies(self, **params: str | int) -> Json | None:
        answer: Json | None = _Search(self).movie(**params)
        return answer

    def search_shows(self, **params: str | int) -> Json | None:
        answer: Json | None = _Search(self).tv(**params)
        return answer

    def movie(self, movie_id: str, *parts: str) -> Json | None:
        answer: Json | None = _Movies(self, movie_id).info(**self._appending(parts))
        return answer

    def show(self, show_id: str, *parts: str) -> Json | None:
        answer: Json | None = _Shows(self, show_id).info(**self._appending(parts))
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
        try:
            response = self._send(path, params)
        except requests.RequestException as error:
            # Its message and its traceback hold the address, and the address holds the key.
            raise _unreached(error) from None
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            seconds = _retry_after(response.headers.get("Retry-After"))
            self._budget.pause(seconds)
            raise _error("rate-limited", "TMDB asks us to send fewer requests.", retry_after=seconds)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise _error("unauthorized", f"TMDB does not accept the API key (HTTP {status}).", permanent=True)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _error("unavailable", f"TMDB is out of order at the moment (HTTP {status}).")
        if status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise _error("refused", f"TMDB refused the request (HTTP {status}).", permanent=True)
        # A 404 that is no JSON comes from something that is not TMDB, and says nothing about any title.
        answer = _parsed(response.content)
        return answer if status == HTTPStatus.OK else None

    def _send(self, path: str, params: Mapping[str, str | int] | None) -> requests.Response:
        try:
            return self._send_once(path, params)
        except requests.ConnectionError as error:
            if not _was_closed_while_idle(error):
                raise
            return self._send_once(path, params)

    def _send_once(self, path: str, params: Mapping[str, str | int] | None) -> requests.Response:
        self._budget.acquire()
        return self._session.get(
            f"{self._base_url}/{path}",
            params={"language": self._language, **(params or {})},
            headers={"Accept": "application/json"},
            auth=self._key,
            timeout=self._timeout,
            allow_redirects=False,
        )


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


class _Search(_OverClient, tmdbsimple.Search):  # type: ignore[misc]
    pass


class _Find(_OverClient, tmdbsimple.Find):  # type: ignore[misc]
    pass


def garbage() -> ProviderError:
    return _error("garbage", "TMDB answered with something that is not what it documents.")


def _error(cause: str, message: str, *, permanent: bool = False, retry_after: float | None = None) -> ProviderError:
    return ProviderError(message, cause=f"tmdb-{cause}", permanent=permanent, retry_after=retry_after)


def _unreached(error: requests.RequestException) -> ProviderError:
    read_timed_out = any(isinstance(reason, urllib3.exceptions.ReadTimeoutError) for reason in error.args)
    if isinstance(error, requests.Timeout) or read_timed_out:
        return _error("timeout", "TMDB did not answer in time.")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return garbage()
    return _error("unreachable", "TMDB could not be reached.")


def _was_closed_while_idle(error: requests.ConnectionError) -> bool:
    """Whether a kept connection was closed just as it was used again, so that asking anew helps."""
    reason = error.args[0] if error.args else None
    return isinstance(reason, urllib3.exceptions.ProtocolError)


def _parsed(body: bytes) -> Json:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise garbage() from None
    if not isinstance(answer, dict):
        raise garbage()
    return answer


def _retry_after(header: str | None) -> float:
    """Seconds, from a header that holds seconds or a date."""
    header = (header or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", header):
        return min(float(header), LONGEST_PAUSE)
    try:
        seconds = parsedate_to_datetime(header).timestamp() - time.time()
    except (ValueError, OverflowError):
        return _DEFAULT_PAUSE
    return min(max(seconds, 0.0), LONGEST_PAUSE)
