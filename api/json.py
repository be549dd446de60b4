"""How answers become JSON: by orjson, which takes a tenth of the time."""

from typing import Any

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider

#: Nothing that a client sends is nested more deeply; the deepest are the settings of scans, with four levels.
DEEPEST = 32


class FastJson(DefaultJSONProvider):
    """Flask's way to JSON, fast for answers."""

    def response(self, *args: Any, **kwargs: Any) -> Any:
        made = self._prepare_response_obj(args, kwargs)
        try:
            body = orjson.dumps(made)
        except TypeError:
            # Half a character that somebody sent is not UTF-8, but can be escaped.
            return super().response(made)
        return Response(body, mimetype=self.mimetype)


def is_deep(read: Any) -> bool:
    """Whether a value is nested more than ``DEEPEST`` levels deep; no call within a call has to find out."""
    level = [read]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True
