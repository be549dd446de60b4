"""How answers become JSON: by orjson, which takes a tenth of the time."""

from typing import Any

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider


class FastJson(DefaultJSONProvider):
    """Flask's way to JSON for answers, which are most of it."""

    def response(self, *args: Any, **kwargs: Any) -> Any:
        made = self._prepare_response_obj(args, kwargs)
        try:
            body = orjson.dumps(made)
        except TypeError:
            # Half a character that somebody sent is not UTF-8, but can be escaped.
            return super().response(made)
        return Response(body, mimetype=self.mimetype)
