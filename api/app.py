"""The API's app: thin. It checks a request, writes a row, sends a task, answers."""

import os
from collections.abc import Callable
from typing import Any

from dotenv import load_dotenv
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from api import document, edge, errors, guards, relay, shielding
from api.context import REDIS_WITHIN, Context
from api.json import FastJson
from api.routes import (
    auth,
    guess,
    health,
    images,
    keys,
    library,
    metrics,
    missing,
    movies,
    providers,
    queues,
    review,
    scan,
    search,
    settings,
    stream,
    tvshows,
    users,
)
from api.routes import logs as log_routes
from shared import config, logs, tasks, tracing
from shared.config import Config, ConfigError

BLUEPRINTS = (
    health.blueprint,
    metrics.blueprint,
    scan.blueprint,
    library.blueprint,
    missing.blueprint,
    movies.blueprint,
    tvshows.blueprint,
    review.blueprint,
    guess.blueprint,
    search.blueprint,
    stream.blueprint,
    images.blueprint,
    queues.blueprint,
    settings.blueprint,
    providers.blueprint,
    log_routes.blueprint,
    auth.blueprint,
    users.blueprint,
    keys.blueprint,
)


class _App(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Call what handles requests as it is: none of it is a coroutine, and Flask would ask 18 times a request."""
        return func


def create_app(settings_in_force: Config) -> Flask:
    """Make the app. A Redis must be named: an embedded one is started by `dester up`, not here."""
    if not settings_in_force.redis_url:
        raise ConfigError("REDIS_URL must be set when processes are started one by one; `make up` starts a Redis.")
    app = _App("api", static_folder=None)
    app.json = FastJson(app)
    app.json.sort_keys = False
    app.url_map.strict_slashes = False
    celery = tasks.new_app(settings_in_force.redis_url)
    # A request waits no longer for a Redis that hangs; the sweeper sends what was not sent.
    celery.conf.broker_transport_options |= {"socket_timeout": REDIS_WITHIN, "socket_connect_timeout": REDIS_WITHIN}
    celery.conf.update(redis_socket_timeout=REDIS_WITHIN, redis_socket_connect_timeout=REDIS_WITHIN)
    context = Context.of(settings_in_force)
    app.extensions["dester"] = context
    if settings_in_force.front_proxy == "nginx":
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    edge.guard(app, settings_in_force)
    guards.register(app)
    shielding.guard(app)
    document.register(app, BLUEPRINTS)
    errors.register(app)
    relay.register(app, context)
    return app


def from_environment() -> Flask:
    """Make the app as the environment says; what the web server calls."""
    load_dotenv(".env")
    settings_in_force = config.load(os.environ)
    logs.set_up(settings_in_force.log_level, "web", settings_in_force.redis_url)
    app = create_app(settings_in_force)
    if tracing.begin("web"):
        from opentelemetry.instrumentation.flask import FlaskInstrumentor  # noqa: PLC0415 - only where it is wanted

        FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call]
            app, excluded_urls=",".join(f"{path}$" for path in edge.HEALTH_CHECKS)
        )
    return app
