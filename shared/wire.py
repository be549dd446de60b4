"""How names are spelled on the wire."""

import re


def camel(name: str) -> str:
    """Spell a name as the wire does: ``scan_job_id`` is ``scanJobId``."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)
