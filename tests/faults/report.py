"""What happened, in one table."""

from collections.abc import Sequence
from statistics import quantiles

from tests.faults.rounds import Round

#: What must hold, in seconds: the share of recoveries within the first, and those of a worker's process within this.
RECOVERS_WITHIN, CHILD_WITHIN, SHARE = 35.0, 5.0, 95


def percentile(seconds: Sequence[float], share: int) -> float:
    """Return what so many per cent of these are not above."""
    return quantiles(seconds, n=100, method="inclusive")[share - 1] if len(seconds) > 1 else max(seconds, default=0.0)


def table(done: Sequence[Round]) -> list[str]:
    """Return the lines of a Markdown table: a row for each kind of fault, and one for all."""
    kinds = sorted({each.kind for one in done for each in one.happened})
    lines = [
        "| fault | runs | lost | doubled | deleted | changed | median s | p95 s | longest s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return lines + [_line(kind, done) for kind in kinds] + [_line("", done)]


def _line(kind: str, done: Sequence[Round]) -> str:
    seconds = [each.seconds for one in done for each in one.happened if kind in ("", each.kind)]
    concerned = [one.difference for one in done if any(kind in ("", each.kind) for each in one.happened)]
    counts = [
        sum(len(getattr(each, name)) for each in concerned if each)
        for name in ("lost", "doubled", "deleted", "changed")
    ]
    figures = [percentile(seconds, 50), percentile(seconds, SHARE), max(seconds, default=0.0)]
    cells = [kind or "**all**", str(len(seconds)), *map(str, counts), *(f"{figure:.1f}" for figure in figures)]
    return f"| {' | '.join(cells)} |"


def losses(one: Round) -> list[str]:
    """Return a sentence for each thing that is not as it should be after a round; none if all is well."""
    wrong = []
    if one.difference is None or not one.difference.is_none:
        kinds = ", ".join(each.kind for each in one.happened)
        wrong.append(f"{one.database}: the catalogue differs after: {kinds}: {_said(one)}")
    if one.touched:
        wrong.append(f"{one.database}: a file under the media roots was touched.")
    return wrong


def delays(done: Sequence[Round]) -> list[str]:
    """Return a sentence for each limit that recoveries do not keep."""
    everything = [each.seconds for one in done for each in one.happened]
    children = [each.seconds for one in done for each in one.happened if " a process of worker" in each.kind]
    limits = (("all recoveries", everything, RECOVERS_WITHIN), ("those of a worker's process", children, CHILD_WITHIN))
    return [
        f"p{SHARE} of {what} is {percentile(seconds, SHARE):.1f} s, which is over {within:.0f} s."
        for what, seconds, within in limits
        if percentile(seconds, SHARE) > within
    ]


def _said(one: Round) -> str:
    found = one.difference
    if found is None:
        return "nobody knows"
    return "; ".join(
        f"{len(rows)} {name}, such as {rows[:2]}"
        for name, rows in (
            ("lost", found.lost),
            ("doubled", found.doubled),
            ("changed", found.changed),
            ("deleted", found.deleted),
        )
        if rows
    )
