"""What is measured, in the text that Prometheus reads."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from api.version import API_VERSION
from shared.metrics import Histogram, Observed
from shared.queue_controls import Control
from shared.queue_states import QueueState
from shared.readiness import Check
from shared.scan_browse import RunningScan
from shared.scan_states import UNENDED, JobStatus

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_OPEN = [status.lower() for status in UNENDED]
#: What is told of a library's scans: of how far they are, the least; of what they found, the sum.
_OF_SCANS: tuple[tuple[str, str, Callable[[RunningScan], int], Callable[[Iterable[int]], int]], ...] = (
    ("percent", "How far the scan of a library is.", lambda scan: scan.percent, min),
    ("folders", "Folders that it found.", lambda scan: scan.counts.folders, sum),
    ("folders_settled", "Folders that it is done with.", lambda scan: scan.counts.folders_settled, sum),
    ("titles", "Titles that it found.", lambda scan: scan.counts.titles, sum),
    ("titles_settled", "Titles that it is done with.", lambda scan: scan.counts.titles_settled, sum),
)


class _Given(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def written(*families: Iterable[Metric]) -> bytes:
    """Return metrics as they go out."""
    return generate_latest(_Given([family for each in families for family in each]))


def server(checks: Sequence[Check]) -> Iterator[Metric]:
    """Yield which server this is, and whether what it stands on is there."""
    yield _gauge("dester_info", "The version of the API.", ("version",), [((API_VERSION,), 1)])
    ready = [((check.name,), float(check.state != "failed")) for check in checks]
    yield _gauge("dester_ready", "1 if a check of /ready has not failed.", ("check",), ready)


def histograms(observed: Mapping[Histogram, Mapping[tuple[str, ...], Observed]]) -> Iterator[Metric]:
    """Yield what took how long."""
    for histogram, by_labels in observed.items():
        family = HistogramMetricFamily(histogram.name, histogram.help, labels=histogram.labels)
        bounds = [*map(str, histogram.bounds), "+Inf"]
        for labels, each in sorted(by_labels.items()):
            family.add_metric(labels, list(zip(bounds, accumulate(each.within), strict=True)), each.seconds)
        yield family


def queues(states: Mapping[str, QueueState], controls: Mapping[str, Control]) -> Iterator[Metric]:
    """Yield how the queues are."""

    def by_queue(name: str, what: str, values: Mapping[str, float]) -> Metric:
        return _gauge(f"dester_queue_{name}", what, ("queue",), [((queue,), value) for queue, value in values.items()])

    items = states.items()
    yield by_queue("length", "Tasks that wait.", {queue: state.waiting for queue, state in items})
    ages = {queue: state.oldest_seconds or 0 for queue, state in items}
    yield by_queue("oldest_seconds", "For how long the oldest has waited.", ages)
    yield by_queue("workers", "Workers that drain it.", {queue: len(state.workers) for queue, state in items})
    paused = {queue: float(queue in controls and controls[queue].is_paused) for queue in states}
    yield by_queue("paused", "1 if nothing is taken from it for now.", paused)


def connections(stands: Mapping[str, int]) -> Iterator[Metric]:
    """Yield what is open in all API processes."""
    yield _gauge("dester_open_sockets", "Clients of /ws.", (), [((), stands.get("sockets", 0))])
    yield _gauge("dester_running_streams", "Streams that the API itself sends.", (), [((), stands.get("streams", 0))])


def scans(running: Sequence[RunningScan]) -> Iterator[Metric]:
    """Yield how many scans have not ended, and how far those of each library are that have begun."""
    states = Counter(scan.status.lower() for scan in running)
    yield _gauge(
        "dester_scans", "Scans that have not ended.", ("status",), [((status,), states[status]) for status in _OPEN]
    )
    at_work: dict[tuple[str, str], list[RunningScan]] = defaultdict(list)
    for scan in running:
        if scan.status != JobStatus.PENDING:
            at_work[scan.library_id, scan.library].append(scan)
    for name, what, value, together in _OF_SCANS:
        values = [(library, together(map(value, theirs))) for library, theirs in at_work.items()]
        yield _gauge(f"dester_scan_{name}", what, ("library_id", "library"), values)


def _gauge(name: str, what: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family
