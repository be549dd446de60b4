"""TMDB: whether there is a key, whether TMDB answers, and whether it takes the key."""

from collections.abc import Iterator
from http import HTTPStatus

import requests

from api.commands.checks.finding import Finding, broken, well, worth_knowing

_ANSWERS_WITHIN = 10.0
_SET_ONE = "Set one with: dester settings set tmdbApiKey"
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def tmdb(base_url: str, key: str | None) -> Iterator[Finding]:
    """Check the key, and ask TMDB with it; an empty key: there is none, None: it isn't known."""
    if key == "":
        yield worth_knowing("tmdb key", "There is no TMDB key: films are identified by .nfo files alone.", _SET_ONE)
    try:
        status = _ask(base_url, key)
    except requests.RequestException as error:
        # Its message holds the address, and the address may hold the key.
        why = "within 10 s" if isinstance(error, requests.Timeout) else "at all"
        # Who has no key does without TMDB.
        finding = worth_knowing if key == "" else broken
        yield finding("tmdb", f"TMDB at {base_url} does not answer {why}.", "Check the network, and TMDB_BASE_URL.")
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.NOT_FOUND:
        yield worth_knowing(
            "tmdb", f"TMDB at {base_url} answers with {status}.", "Try again later; check TMDB_BASE_URL."
        )
        return
    yield well("tmdb", f"TMDB at {base_url} answers.")
    if key and status in _REFUSED:
        yield broken("tmdb key", f"TMDB refuses the key ({status}).", _SET_ONE)
    elif key:
        yield well("tmdb key", "TMDB takes the key.")


def _ask(base_url: str, key: str | None) -> int:
    def with_key(request: requests.PreparedRequest) -> requests.PreparedRequest:
        # A v4 token goes into a header, a v3 key into the address.
        if key and key.startswith("eyJ"):
            request.headers["Authorization"] = f"Bearer {key}".encode()  # type: ignore[assignment]
        elif key:
            request.prepare_url(request.url, {"api_key": key})
        return request

    # As `auth` it also keeps requests from looking for another one in ~/.netrc.
    answer = requests.get(f"{base_url}/3/configuration", auth=with_key, timeout=_ANSWERS_WITHIN, allow_redirects=False)
    return answer.status_code
