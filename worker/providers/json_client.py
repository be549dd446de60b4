"""What asking any provider over HTTP takes: pooled connections, a budget, time-outs, and errors told apart."""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter

from shared import metrics
from worker.http_session import HttpSession
from worker.providers.base import ProviderError
from worker.providers.budget import LONGEST_PAUSE, Budget

#: How long to wait after a 429 that names no time.
_DEFAULT_PAUSE = 5.0

#: Puts a key upon a request. Any such function also keeps requests from looking for credentials in ~/.netrc.
Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]

Params = Mapping[str, str | int | list[str]]

#: No answer of a provider is longer; the longest are shows of thousands of episodes, with some MB.
MOST_BYTES = 32 * 1024 * 1024
_CHUNK = 64 * 1024

_REDIRECTS = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.TEMPORARY_REDIRECT)


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
    session = HttpSession()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=pool_size)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Answer(NamedTuple):
    """An answer that has arrived as a whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class JsonClient:
    """A provider's requests, each one from its budget; no redirect is followed."""

    def __init__(
        self,
        title: str,
        *,
        base_url: str,
        budget: Budget,
        session: requests.Session,
        timeout: tuple[float, float],
        key: Auth | None = None,
    ) -> None:
        #: The provider's name as people write it; in lower case it begins the causes of errors.
        self._title = title
        self._base_url = base_url.rstrip("/")
        self._budget = budget
        self._session = session
        self._timeout = timeout
        self._key = key

    def get(self, path: str, params: Params | None = None) -> Any:
        """Ask for one path; what the provider does not know is None.

        Raises:
            ProviderError: with a cause that says why there was no answer.

        """
        response = self._checked(path, params)
        # A 404 that is no JSON comes from something that is not the provider, and says nothing about any title.
        answer = self._parsed(response.content)
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        if answer is None:
            raise self.garbage()
        return answer

    def location(self, path: str, params: Params | None = None) -> str | None:
        """Ask for one path that points to another, and return where to; None where it does not.

        Raises:
            ProviderError: with a cause that says why there was no answer.

        """
        response = self._checked(path, params, *_REDIRECTS)
        if response.status in _REDIRECTS:
            return response.headers.get("Location")
        self._parsed(response.content)
        return None

    def garbage(self) -> ProviderError:
        return self._error("garbage", "{} answered with something that is not what it documents.")

    def _checked(self, path: str, params: Params | None, *understood: HTTPStatus) -> "_Answer":
        try:
            response = self._send(path, params)
        except requests.RequestException as error:
            # Its message and its traceback hold the address, and the address may hold the key.
            raise self._unreached(error) from None
        status = response.status
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            seconds = _retry_after(response.headers.get("Retry-After"))
            self._budget.pause(seconds)
            raise self._error("rate-limited", "{} asks us to send fewer requests.", retry_after=seconds)
        if self._key is not None and status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self._error("unauthorized", f"{{}} does not accept the API key (HTTP {status}).", permanent=True)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._error("unavailable", f"{{}} is out of order at the moment (HTTP {status}).")
        if status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND, *understood):
            raise self._error("refused", f"{{}} refused the request (HTTP {status}).", permanent=True)
        return response

    def _send(self, path: str, params: Params | None) -> "_Answer":
        try:
            return self._send_once(path, params)
        except requests.ConnectionError as error:
            if not _was_closed_while_idle(error):
                raise
            return self._send_once(path, params)

    def _send_once(self, path: str, params: Params | None) -> "_Answer":
        self._budget.acquire()
        began, outcome = time.monotonic(), "unreachable"
        try:
            answer = self._ask(path, params)
            outcome = str(answer.status)
        except requests.RequestException as error:
            outcome = "timeout" if _timed_out(error) else outcome
            raise
        finally:
            metrics.provider_requests.observe(time.monotonic() - began, self._title.lower(), outcome)
        return answer

    def _ask(self, path: str, params: Params | None) -> "_Answer":
        with self._session.get(
            f"{self._base_url}/{path}",
            params=params,
            headers={"Accept": "application/json"},
            auth=self._key or _nobody,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            body = bytearray()
            for chunk in response.iter_content(_CHUNK):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise self.garbage()
            return _Answer(response.status_code, response.headers, bytes(body))

    def _parsed(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise self.garbage() from None

    def _unreached(self, error: requests.RequestException) -> ProviderError:
        if _timed_out(error):
            return self._error("timeout", "{} did not answer in time.")
        if isinstance(error, requests.exceptions.ContentDecodingError):
            return self.garbage()
        return self._error("unreachable", "{} could not be reached.")

    def _error(
        self, cause: str, message: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> ProviderError:
        cause = f"{self._title.lower()}-{cause}"
        return ProviderError(message.format(self._title), cause=cause, permanent=permanent, retry_after=retry_after)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _timed_out(error: requests.RequestException) -> bool:
    read_timed_out = any(isinstance(reason, urllib3.exceptions.ReadTimeoutError) for reason in error.args)
    return isinstance(error, requests.Timeout) or read_timed_out


def _was_closed_while_idle(error: requests.ConnectionError) -> bool:
    """Whether a kept connection was closed just as it was used again, so that asking anew helps."""
    reason = error.args[0] if error.args else None
    return isinstance(reason, urllib3.exceptions.ProtocolError)


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
