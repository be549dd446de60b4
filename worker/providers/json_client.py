"""What asking any provider over HTTP takes: a budget, time-outs, and errors told apart."""

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests
import urllib3

from worker.providers.base import ProviderError
from worker.providers.budget import LONGEST_PAUSE, Budget

#: How long to wait after a 429 that names no time.
_DEFAULT_PAUSE = 5.0

_REDIRECTS = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.TEMPORARY_REDIRECT)


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
    ) -> None:
        #: The provider's name as people write it; in lower case it begins the causes of errors.
        self._title = title
        self._base_url = base_url.rstrip("/")
        self._budget = budget
        self._session = session
        self._timeout = timeout

    def get(self, path: str, params: Mapping[str, str | list[str]] | None = None) -> Any:
        """Ask for one path; what the provider does not know is None, and so is where it points elsewhere.

        Raises:
            ProviderError: with a cause that says why there was no answer.

        """
        response = self._checked(path, params)
        # A 404 that is no JSON comes from something that is not the provider, and says nothing about any title.
        answer = self._parsed(response.content) if response.status_code not in _REDIRECTS else None
        return answer if response.status_code == HTTPStatus.OK else None

    def location(self, path: str, params: Mapping[str, str | list[str]] | None = None) -> str | None:
        """Ask for one path that points to another, and return where to; None where it does not.

        Raises:
            ProviderError: with a cause that says why there was no answer.

        """
        response = self._checked(path, params)
        if response.status_code in _REDIRECTS:
            return response.headers.get("Location")
        self._parsed(response.content)
        return None

    def garbage(self) -> ProviderError:
        return self._error("garbage", "{} answered with something that is not what it documents.")

    def _checked(self, path: str, params: Mapping[str, str | list[str]] | None) -> requests.Response:
        try:
            response = self._send(path, params)
        except requests.RequestException as error:
            raise self._unreached(error) from error
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            seconds = _retry_after(response.headers.get("Retry-After"))
            self._budget.pause(seconds)
            raise self._error("rate-limited", "{} asks us to send fewer requests.", retry_after=seconds)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._error("unavailable", f"{{}} is out of order at the moment (HTTP {status}).")
        if status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND, *_REDIRECTS):
            raise self._error("refused", f"{{}} refused the request (HTTP {status}).", permanent=True)
        return response

    def _send(self, path: str, params: Mapping[str, str | list[str]] | None) -> requests.Response:
        try:
            return self._send_once(path, params)
        except requests.ConnectionError as error:
            if not _was_closed_while_idle(error):
                raise
            return self._send_once(path, params)

    def _send_once(self, path: str, params: Mapping[str, str | list[str]] | None) -> requests.Response:
        self._budget.acquire()
        return self._session.get(
            f"{self._base_url}/{path}",
            params=params,
            headers={"Accept": "application/json"},
            # Keeps requests from looking for credentials in ~/.netrc.
            auth=_nobody,
            timeout=self._timeout,
            allow_redirects=False,
        )

    def _parsed(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise self.garbage() from None

    def _unreached(self, error: requests.RequestException) -> ProviderError:
        read_timed_out = any(isinstance(reason, urllib3.exceptions.ReadTimeoutError) for reason in error.args)
        if isinstance(error, requests.Timeout) or read_timed_out:
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
