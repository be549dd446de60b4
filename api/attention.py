"""What a user looks at is fetched first."""

from typing import Any

from api.context import database
from shared import enrichments, tasks
from shared.catalogue.details import Details
from shared.scan_states import UNPAINTED


def looked_at(details: Details[Any]) -> None:
    """Have a title that is still on its way worked on before all others; of one that is done nothing is written."""
    if not details.may_go_first:
        return
    with database().begin() as session:
        opened = enrichments.go_first(session, details.media.id)
    if opened is not None:
        status, scan_job_id = opened
        (tasks.paint if status in UNPAINTED else tasks.fetch).send(scan_job_id)
