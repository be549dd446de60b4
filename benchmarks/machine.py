"""On what was measured."""

import os
import platform


def machine() -> str:
    """Return one line that says what the figures of a run are worth."""
    load = os.getloadavg()[0]
    return f"{platform.platform()} · {os.cpu_count()} cores, load {load:.1f} · Python {platform.python_version()}"
