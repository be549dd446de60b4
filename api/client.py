"""A client of the server's API: what the command line asks, and how it is told why not."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from websocket import WebSocket, WebSocketException, WebSocketTimeoutException, create_connection

from api.commands import CommandError

#: How long the server may take to answer, in seconds; to say that it is there at all, it needs less.
ANSWERS_WITHIN, IS_THERE_WITHIN = 30.0, 5.0

#: What to do where the server wants to know who asks: what it says itself is for who signs in.
_NO_KEY = "The server asks who you are: give an API key by --api-key or DESTER_API_KEY."
_BAD_KEY = "The server does not take this API key; an admin makes one by POST /api/v1/auth/keys."

Json = dict[str, Any]


class ApiError(CommandError):
    """The server did not do what it was asked for; the message is for a person."""


class UnreachableError(ApiError):
    """Nothing answers; it may do so later."""


class Client:
    """A client of the server at ``url``."""

    def __init__(self, url: str, api_key: str = "") -> None:
        """``api_key``: what the server asks for while its route guards are on."""
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._session = requests.Session()
        # A proxy of the environment knows nothing of a server on this machine or in this network.
        self._session.trust_env = False

    def is_answered(self) -> bool:
        try:
            return self._session.get(f"{self.url}/health", timeout=IS_THERE_WITHIN).ok
        except requests.RequestException:
            return False

    def health(self) -> Json:
        """Return what the server says of itself: ``status``, ``version``, ``timestamp``, ``uptime`` in seconds.

        Raises:
            ApiError: nothing answers, or another program.

        """
        return self._read(self.ask("GET", "/health", timeout=IS_THERE_WITHIN))

    def get(self, path: str, /, **parameters: str | int | None) -> Any:
        """Return the ``data`` of an answer; parameters that are None are not sent.

        Raises:
            ApiError: there is none.

        """
        return self._data(self.ask("GET", path, params=parameters))

    def post(self, path: str, body: Json | None = None) -> Any:
        """Send an object, and return the ``data`` of the answer.

        Raises:
            ApiError: there is none.

        """
        return self._data(self.ask("POST", path, json=body or {}))

    def put(self, path: str, body: Json) -> Any:
        """Send an object, and return the ``data`` of the answer.

        Raises:
            ApiError: there is none.

        """
        return self._data(self.ask("PUT", path, json=body))

    def scan(self, path: str, media_type: str, *, name: str | None = None, rescan: bool = False) -> Json:
        """Ask for a scan; return at once what was accepted, with its ``scanJobId``.

        Raises:
            ApiError: it was not.

        """
        body = {"path": path, "mediaType": media_type, "options": {"rescan": rescan}}
        return dict(self.post("/api/v1/scan/path", body if name is None else body | {"name": name}))

    def scan_job(self, scan_job_id: str) -> Json:
        """Return how far a scan job is.

        Raises:
            ApiError: there is no such job, or no answer.

        """
        return dict(self.get(f"/api/v1/scan/job/{scan_job_id}"))

    def listen(self, *types: str, since: str = "") -> "Events":
        """Open a WebSocket for events of these types, or of all; with ``since``, first those that came after that one.

        Raises:
            UnreachableError: it can't be opened.

        """
        parts = urlsplit(self.url)
        query = urlencode({"types": ",".join(types), "since": since}, safe=":,")
        address = parts._replace(scheme={"https": "wss"}.get(parts.scheme, "ws"), path=f"{parts.path}/ws", query=query)
        try:
            socket = create_connection(
                address.geturl(),
                timeout=ANSWERS_WITHIN,
                http_no_proxy=[parts.hostname or ""],
                enable_multithread=False,
                header=self._headers,
            )
        except (WebSocketException, OSError, ValueError) as error:
            raise UnreachableError(f"The WebSocket at {self.url}/ws can't be opened: {error}.") from None
        return Events(socket)

    def ask(self, method: str, url: str, *, timeout: float = ANSWERS_WITHIN, **sent: Any) -> requests.Response:
        """Return an answer as it is; ``url`` is a path of this server, or a URL that it named.

        Raises:
            UnreachableError: there is none.

        """
        if "://" not in url:
            # A URL that the server named may be another one's, who is not told the key; its own are signed.
            url, sent["headers"] = f"{self.url}{url}", self._headers | sent.get("headers", {})
        try:
            return self._session.request(method, url, timeout=timeout, **sent)
        except requests.Timeout:
            raise UnreachableError(f"The server at {self.url} does not answer within {timeout:.0f} s.") from None
        except requests.RequestException:
            raise UnreachableError(f"Nothing answers at {self.url}; is `make up` running?") from None

    def _data(self, response: requests.Response) -> Any:
        answer = self._read(response)
        if "data" not in answer:
            raise self._stranger()
        return answer["data"]

    def _read(self, response: requests.Response) -> Json:
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            raise self._stranger() from None
        if not isinstance(answer, dict):
            raise self._stranger()
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise UnreachableError(_sentence(answer))
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise ApiError(_BAD_KEY if self._headers else _NO_KEY)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise ApiError(_sentence(answer))
        return answer

    def _stranger(self) -> ApiError:
        return ApiError(f"What answers at {self.url} is not this server; is it the right address?")


class Events:
    """An open WebSocket."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    def next(self, seconds: float) -> Json | None:
        """Return the next event; None when so many seconds pass without one.

        Raises:
            UnreachableError: the connection is lost.

        """
        try:
            self._socket.settimeout(max(seconds, 0.01))
            return dict(json.loads(self._socket.recv()))
        except WebSocketTimeoutException:
            return None
        except (WebSocketException, OSError, ValueError) as error:
            raise UnreachableError(f"The WebSocket broke off: {error}.") from None

    def close(self) -> None:
        self._socket.close(timeout=1)


def _sentence(answer: Json) -> str:
    """Say an error as its envelope does, with those of its details that its message leaves out."""
    message = str(answer.get("message") or answer.get("error") or "The server refuses, and does not say why.")
    details = [detail for detail in answer.get("details") or () if str(detail.get("message")) not in message]
    return " ".join([message, *(f"{detail.get('field')}: {detail.get('message')}" for detail in details)])
