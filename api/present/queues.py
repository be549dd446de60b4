"""Queues as clients read them."""

from typing import Any

from shared.queue_controls import Control
from shared.queue_states import QueueState


def queue(name: str, state: QueueState, control: Control) -> dict[str, Any]:
    oldest = state.oldest_seconds
    return {
        "name": name,
        "paused": control.is_paused,
        "concurrency": control.concurrency,
        "waiting": state.waiting,
        "oldestWaitingSeconds": None if oldest is None else round(oldest, 1),
        "workers": [
            {"name": worker, "concurrency": load.concurrency, "running": load.running}
            for worker, load in state.workers.items()
        ],
    }
