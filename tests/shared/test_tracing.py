"""When traces are sent, and that they cost nothing when they aren't."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.tracing import is_wanted

ROOT = Path(__file__).parents[2]
SOMEWHERE = "http://collector:4318"
#: redis-py imports some of OpenTelemetry wherever that is installed; this is the rest, and what others would import.
FOR_FEW = (
    "opentelemetry.sdk.trace",
    "opentelemetry.exporter",
    "google.protobuf",
    "prometheus_client",
    "flower",
    "tornado",
)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        pytest.param({}, False, id="nothing is said"),
        pytest.param({"OTEL_SERVICE_NAME": "films"}, False, id="no collector"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": SOMEWHERE}, True, id="a collector"),
        pytest.param({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": SOMEWHERE}, True, id="one for traces"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": SOMEWHERE, "OTEL_SDK_DISABLED": "true"}, False, id="switched off"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": SOMEWHERE, "OTEL_TRACES_EXPORTER": "none"}, False, id="no traces"),
    ],
)
def test_traces_are_sent_where_a_collector_is_named(environ: dict[str, str], *, wanted: bool) -> None:
    assert is_wanted(environ) is wanted


@pytest.mark.parametrize("module", ["api.app", "worker.app", "worker.watch"])
def test_what_few_need_is_not_in_memory(module: str, tmp_path: Path) -> None:
    code = (
        f"import sys; from shared import tracing; import {module}; tracing.begin('web'); "
        f"print([name for name in {FOR_FEW} if name in sys.modules])"
    )
    environ = {name: text for name, text in os.environ.items() if not name.startswith("OTEL_")}
    environ |= {"DATA_DIR": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0"}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
