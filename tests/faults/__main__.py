"""`make faults`: break everything, again and again, in the middle of scans, and see that nothing is lost.

Each fault comes at a random moment; `--seed` brings the same ones in the same order again.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from random import Random

import click

from tests.faults.kinds import KINDS, Fault
from tests.faults.library import Library
from tests.faults.report import delays, losses, table
from tests.faults.rounds import Round, reference, rounds
from tests.faults.stand_in import MoodyTmdb
from tests.faults.system import System, a_system, works

#: Says that this process has mounts of its own.
_OWN_MOUNTS = "DESTER_FAULTS_OWN_MOUNTS"


@click.command(help=__doc__)
@click.option("--number", default=200, show_default=True, help="Faults, over all kinds and databases.")
@click.option("--items", default=2000, show_default=True, help="Films and episodes in the library.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--database", "databases", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Both if none."
)
@click.option("--kind", "kinds", multiple=True, help="Only faults whose names have this in them.")
@click.option("--output", type=click.Path(path_type=Path), help="Where the table is written to as well.")
@click.option("--untimed", is_flag=True, help="Judge what is lost, but not how long it takes until something settles.")
@click.option("--folder", type=click.Path(path_type=Path), help="An empty one, to work in; the logs are left there.")
def main(  # noqa: PLR0917 - click gives them by name
    number: int,
    items: int,
    seed: int,
    databases: tuple[str, ...],
    kinds: tuple[str, ...],
    output: Path | None,
    folder: Path | None,
    *,
    untimed: bool,
) -> None:
    _have_own_mounts()
    # Whoever ends this ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    began = time.monotonic()
    done: list[Round] = []
    chosen = databases or ("sqlite", "postgresql")
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory(prefix="faults-") as place, MoodyTmdb() as tmdb:
        library = Library(Path(place) / "media", items, seed)
        for each, kind in enumerate(chosen):
            share = number * (each + 1) // len(chosen) - number * each // len(chosen)
            random = Random(f"{seed} {kind}")
            with a_system(kind, Path(place) / kind, library, tmdb) as system:
                plan = _plan(system, share, kinds, random)
                wanted = reference(system, click.echo)
                for one in rounds(system, wanted, plan, random, click.echo):
                    done.append(one)
                    click.echo(
                        "\n".join(
                            losses(one) or [f"{kind}: {len(one.happened)} faults in {one.seconds:.0f} s, all well"]
                        )
                    )
    lines = [*table(done), "", f"{sum(len(one.happened) for one in done)} faults in {time.monotonic() - began:.0f} s."]
    click.echo("\n".join(lines))
    if output:
        output.write_text("\n".join(lines) + "\n")
    if wrong := [*(sentence for one in done for sentence in losses(one)), *([] if untimed else delays(done))]:
        sys.exit("\n".join(wrong))


def _plan(system: System, number: int, kinds: tuple[str, ...], random: Random) -> list[Fault]:
    """Return so many faults, all kinds alike, in a random order."""
    possible = []
    for fault in KINDS:
        if kinds and not any(kind in fault.name for kind in kinds):
            continue
        why = fault.missing(system)
        if why is None:
            possible.append(fault)
        else:
            click.echo(f"{system.kind}: left out: {fault.name}: {why}")
    random.shuffle(possible)
    plan = [possible[index % len(possible)] for index in range(number)]
    random.shuffle(plan)
    return plan


def _have_own_mounts() -> None:
    """Begin again where what we mount is seen by nobody else, and gone with us; where we may."""
    program = shutil.which("unshare")
    if program and _OWN_MOUNTS not in os.environ and works(["unshare", "--mount", "true"]):
        os.environ[_OWN_MOUNTS] = "1"
        os.execv(  # noqa: S606 - there is nothing for a shell to do
            program, [program, "--mount", sys.executable, "-m", "tests.faults", *sys.argv[1:]]
        )


if __name__ == "__main__":
    main()
