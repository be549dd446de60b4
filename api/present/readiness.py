"""How ready the server is, as clients read it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from api.fields import instant
from api.version import API_VERSION
from shared.models.base import now
from shared.readiness import Check


def ready(checks: Sequence[Check], failing_since: dict[str, datetime]) -> dict[str, Any]:
    """Show every check; ``failing_since`` keeps from one time to the next since when which of them fails."""
    is_ready = all(check.state != "failed" for check in checks)
    return {
        "status": "OK" if is_ready else "UNAVAILABLE",
        "version": API_VERSION,
        "timestamp": instant(now()),
        "checks": [
            {"name": check.name, "state": check.state, "reason": check.reason, "since": _since(check, failing_since)}
            for check in checks
        ],
    }


def _since(check: Check, failing_since: dict[str, datetime]) -> str | None:
    """Return since when a check fails: as is known, or since it was first seen."""
    if check.state != "failed":
        failing_since.pop(check.name, None)
        return None
    if check.failing_seconds is not None:
        return instant(now() - timedelta(seconds=check.failing_seconds))
    return instant(failing_since.setdefault(check.name, now()))
