"""What a scan job did and could not do, in words."""

from collections.abc import Iterable

from api.client import Json

_EXAMPLES = 3


def report(job: Json) -> list[str]:
    """Return the lines that tell how a scan job stands, with its failures by cause."""
    progress, times = job["progress"], job["timestamps"]
    folders = f"{progress['processedFolders']} of {progress['totalFolders']} folders"
    titles = f"{progress['settledTitles']} of {progress['totalTitles']} titles"
    lines = [
        f"Scan of {job['library']['name']} ({job['id']}): {job['status']}, {progress['percentComplete']} %",
        f"  {folders}, {titles}; began {times['startedAt'] or '-'}, ended {times['completedAt'] or '-'}",
    ]
    if job["waitingFor"]:
        lines.append(f"  It waits: {job['waitingFor']}.")
    if job["error"]:
        lines.append(f"  {job['error']}")
    return lines + list(_failures(job))


def _failures(job: Json) -> Iterable[str]:
    if job["failureCount"]:
        yield f"  What it could not do ({job['failureCount']}):"
    for cause in job["failureCauses"]:
        yield f"    {cause['cause']} ({cause['count']}): {cause['message']}"
        for path in cause["examples"][:_EXAMPLES]:
            yield f"      {path}"
        if (more := cause["count"] - len(cause["examples"][:_EXAMPLES])) > 0:
            yield f"      and {more} more"
