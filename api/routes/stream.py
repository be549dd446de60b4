"""Streaming files."""

import os
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from flask import Response, request
from werkzeug.http import is_resource_modified, parse_if_range_header
from werkzeug.wsgi import wrap_file

from api import ranges
from api.blueprints import Blueprint, checked_id
from api.context import context, database
from api.errors import envelope
from api.file_part import FilePart
from api.threads import step_aside
from shared import opening
from shared.catalogue import playing
from shared.errors import NotFoundError
from shared.opening import RefusedError
from shared.paths import is_allowed

#: Bytes that are read at once where the kernel doesn't send the file by itself.
CHUNK = 1024 * 1024
#: Where deploy/nginx.conf has all files, for answers of ours alone.
ACCEL_PREFIX = "/x-accel"

#: What players make most of, by the file's ending; anything else is sent as bytes.
_CONTENT_TYPES = {
    ".ass": "text/x-ssa",
    ".srt": "application/x-subrip",
    ".ssa": "text/x-ssa",
    ".vtt": "text/vtt",
    ".3gp": "video/3gpp",
    ".avi": "video/x-msvideo",
    ".flv": "video/x-flv",
    ".m2ts": "video/mp2t",
    ".m4v": "video/mp4",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mpeg": "video/mpeg",
    ".mpg": "video/mpeg",
    ".mts": "video/mp2t",
    ".ogm": "video/ogg",
    ".ogv": "video/ogg",
    ".ts": "video/mp2t",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
}

blueprint = Blueprint("stream", __name__, url_prefix="/api/v1/stream", description="Stream video files.")


@blueprint.get("/<playable_id>")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
@blueprint.alt_response(206, schema={"type": "string", "format": "binary"}, content_type="*/*", success=True)
@blueprint.alt_response(304, description="Not modified.", success=True)
@blueprint.alt_response(412, "PRECONDITION_FAILED")
@blueprint.alt_response(416, "REQUESTED_RANGE_NOT_SATISFIABLE")
def stream_file(playable_id: str) -> Response:
    """Stream a movie, an episode or a file, whole or a range of its bytes."""
    with database().look() as rows:
        path = Path(playing.file_to_play(rows, checked_id(playable_id)).path)
    return _sent(path)


@blueprint.get("/<file_id>/subtitles/<position>")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
@blueprint.alt_response(206, schema={"type": "string", "format": "binary"}, content_type="*/*", success=True)
@blueprint.alt_response(304, description="Not modified.", success=True)
@blueprint.alt_response(412, "PRECONDITION_FAILED")
@blueprint.alt_response(416, "REQUESTED_RANGE_NOT_SATISFIABLE")
def stream_subtitles(file_id: str, position: str) -> Response:
    """Send the subtitles that lie beside a file, as they are; `position` counts the file's `subtitles` from 0."""
    with database().read() as session:
        path = Path(playing.subtitles_of_file(session, checked_id(file_id), position))
    return _sent(path)


def _sent(path: Path) -> Response:
    # From here on a disk may answer nothing, and a player may read slowly.
    step_aside()
    descriptor, real = _open(path)
    try:
        return _answer(descriptor, path, real)
    finally:
        os.close(descriptor)


def _open(path: Path) -> tuple[int, Path]:
    """Open a file that may be streamed; return its descriptor, and where it lies, without links."""
    try:
        descriptor = opening.only(partial(is_allowed, context().config))(str(path), os.O_RDONLY)
    except RefusedError:
        raise NotFoundError("The file is not one that may be streamed.") from None
    except OSError as error:
        raise NotFoundError(f"The file can't be opened: {error.strerror}.") from None
    return descriptor, Path(opening.real_path(descriptor))


def _answer(descriptor: int, path: Path, real: Path) -> Response:
    """Answer by RFC 9110: preconditions first, then the range."""
    status = os.fstat(descriptor)
    size = status.st_size
    etag = f"{status.st_mtime_ns:x}-{size:x}"
    modified = formatdate(status.st_mtime, usegmt=True)
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": f'"{etag}"',
        "Last-Modified": modified,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": _disposition(path.name),
        "Content-Type": _CONTENT_TYPES.get(path.suffix.lower(), "application/octet-stream"),
    }
    if not _is_expected(etag, int(status.st_mtime)):
        return envelope(HTTPStatus.PRECONDITION_FAILED, "The file has changed.")
    # If-Match has been answered for; the library would have it settle If-None-Match too.
    unmatched = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"}
    if not is_resource_modified(unmatched, etag=etag, last_modified=modified):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    wanted = None
    # A range is for GET alone, and only of the very file that If-Range names.
    if request.method == "GET" and _is_current(etag, modified):
        try:
            wanted = ranges.parse(request.headers.get("Range"), size)
        except ranges.UnsatisfiableError:
            response = envelope(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"The file has {size} bytes.")
            response.headers["Content-Range"] = f"bytes */{size}"
            return response
    if _is_left_to_nginx(wanted):
        if wanted is None:
            # To a whole file nginx adds it by itself.
            del headers["Accept-Ranges"]
        return Response(headers=headers | {"X-Accel-Redirect": ACCEL_PREFIX + quote(os.fsencode(real))})
    if wanted is None:
        return _body(descriptor, 0, size, HTTPStatus.OK, headers)
    headers |= {"Content-Range": wanted.content_range(size)}
    return _body(descriptor, wanted.first, wanted.length, HTTPStatus.PARTIAL_CONTENT, headers)


def _is_left_to_nginx(wanted: ranges.ByteRange | None) -> bool:
    """Whether nginx sends the file, where it would judge as we do.

    It would hold If-Match against an ETag of its own, refuse ranges that are to be ignored, and heed those of a HEAD.
    """
    if context().config.front_proxy != "nginx" or request.method != "GET" or "If-Match" in request.headers:
        return False
    return wanted is not None or "Range" not in request.headers


def _body(descriptor: int, first: int, length: int, status: HTTPStatus, headers: dict[str, str]) -> Response:
    """Answer with bytes of a file, which gunicorn has the kernel send; whoever else serves the app reads them."""
    part = FilePart(os.dup(descriptor), first, length)
    body = wrap_file(request.environ, part, CHUNK)
    headers |= {"Content-Length": str(length)}
    return Response(body, status, headers, direct_passthrough=True)


def _is_expected(etag: str, modified_at: int) -> bool:
    """Whether the file is the one that If-Match names, or without it has not changed since If-Unmodified-Since."""
    if request.headers.get("If-Match"):
        return request.if_match.star_tag or request.if_match.is_strong(etag)
    return request.if_unmodified_since is None or modified_at <= request.if_unmodified_since.timestamp()


def _is_current(etag: str, modified: str) -> bool:
    """Whether If-Range, where it stands, names this very file: by its strong ETag or its exact date."""
    header = request.headers.get("If-Range")
    if not header:
        return True
    condition = parse_if_range_header(header)
    if condition.date is not None:
        return formatdate(condition.date.timestamp(), usegmt=True) == modified
    return not header.lstrip().startswith("W/") and condition.etag == etag


def _disposition(name: str) -> str:
    """Name the file by RFC 6266: plainly for old players, and in full."""
    plain = name.encode("ascii", "replace").decode().translate({ord('"'): "'", ord("\\"): "_", ord("?"): "_"})
    plain = "".join(character if character.isprintable() else "_" for character in plain)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
