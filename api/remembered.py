"""Routes whose answers are given again as long as they hold (`api/answers.py`)."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, g, request

from api.context import context

P = ParamSpec("P")


def remembered(view: Callable[P, Response]) -> Callable[P, Response]:
    """Have a route give again what it answered; not while guards are on, when URLs are good for a time."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        if g.get("is_guarded"):
            return view(*args, **kwargs)
        key = (request.scheme, request.host, request.path, request.query_string.decode("latin-1"))
        return context().answers.to(key, lambda: view(*args, **kwargs))

    return answer
