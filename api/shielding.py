"""What an answer tells browsers not to do with it."""

from flask import Flask, Response, request

#: An answer that is no page loads nothing and is shown in nobody's frame.
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
#: The reader of the document brings all that it loads, has a script and styles in its page, and asks this server alone.
_READER = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_POLICIES = {"text/html": _READER, "application/json": _NO_PAGE}
#: A year, in seconds.
_HSTS = "max-age=31536000"


def guard(app: Flask) -> None:
    """Put the headers upon every answer of an app."""
    app.after_request(_shielded)


def _shielded(response: Response) -> Response:
    kind = response.mimetype or ""
    headers = {"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
    # Browsers judge by its bytes whether a page of another origin may show a video, which this would forbid them.
    if not kind.startswith("video/"):
        headers["X-Content-Type-Options"] = "nosniff"
    if kind in _POLICIES:
        headers["Content-Security-Policy"] = _POLICIES[kind]
    # Only who came by TLS can come back by it.
    if request.is_secure:
        headers["Strict-Transport-Security"] = _HSTS
    response.headers.extend(headers)
    return response
