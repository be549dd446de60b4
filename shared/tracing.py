"""Traces by OpenTelemetry, where its usual variables name a collector: OTEL_EXPORTER_OTLP_ENDPOINT and so on.

Elsewhere nothing of it is imported here, which would be 15 MB a process, and nothing is done.
"""

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

#: The provider of this process's tracers, while it traces.
_provider: Any = None


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the environment names a collector, and doesn't forbid it."""
    is_off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not is_off and any(environ.get(name) for name in _ENDPOINTS)


def prepare() -> None:
    """Import what tracing takes, if it is wanted, in a process that forks those that will trace."""
    if is_wanted(os.environ):
        for module in ("exporter.otlp.proto.http.trace_exporter", "sdk.trace.export"):
            importlib.import_module(f"opentelemetry.{module}")


def begin(kind: str) -> bool:
    """Trace in this process from now on, if that is wanted, and return whether; ``kind``: web, scan, metadata, artwork.

    In a process that will fork no more: what is sent is sent by a thread.
    """
    global _provider  # noqa: PLW0603 - there is one for a process
    if not is_wanted(os.environ):
        return False
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    os.environ.setdefault("OTEL_SERVICE_NAME", f"dester-{kind}")
    _provider = TracerProvider(resource=Resource.create({"service.namespace": "dester"}))
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(_provider)
    return True


def headers() -> dict[str, str]:
    """Return what the message of a task carries of the trace that this thread is in."""
    carried: dict[str, str] = {}
    if _provider is not None:
        from opentelemetry import propagate  # noqa: PLC0415

        propagate.inject(carried)
    return carried


@contextmanager
def task(current: Any) -> Iterator[None]:
    """Trace Celery's current task within, as a part of the trace that its message carries."""
    if _provider is None:
        yield
        return
    from opentelemetry import propagate  # noqa: PLC0415
    from opentelemetry.trace import SpanKind  # noqa: PLC0415

    attributes = {"messaging.system": "celery", "messaging.message.id": current.request.id}
    context = propagate.extract(current.request.headers or {})
    tracer = _provider.get_tracer("dester")
    with tracer.start_as_current_span(current.name, context, kind=SpanKind.CONSUMER, attributes=attributes):
        yield


def flush() -> None:
    """Send what has not been sent, in a second at most."""
    if _provider is not None:
        _provider.force_flush(1000)
