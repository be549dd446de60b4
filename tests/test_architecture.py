"""What must fit together though it stands in different places."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared import tasks
from shared.config import load

ROOT = Path(tasks.__file__).parent.parent
PACKAGES = ("api", "worker", "shared")

#: Tells the bodies that the workers register, in a process of its own: the app that it makes is one for a process.
_BODIES = """
import inspect, json
from shared.tasks import QUEUES
from worker.app import app, load_bodies
load_bodies(QUEUES)
bodies = {}
for name, body in app.tasks.items():
    if not name.startswith("celery."):
        route = app.amqp.router.route({}, name)["queue"].name
        parameters = list(inspect.signature(body.run).parameters)
        bodies[name] = {"parameters": parameters, "queue": route, "time_limit": body.time_limit}
print(json.dumps({"bodies": bodies, "beat": [entry["task"] for entry in app.conf.beat_schedule.values()]}))
"""


#: Begins like the worker of a name and its queues, and tells how it is called as a holder, and what it can do.
_BEGUN = """
import json, sys
from celery.signals import celeryd_init
from worker.app import app
celeryd_init.send(sender=sys.argv[1], instance=None, conf=app.conf, options={"queues": sys.argv[2]})
from worker.holders import this_process
print(json.dumps([this_process(), [name for name in app.tasks if not name.startswith("celery.")]]))
"""


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environ = os.environ | {"DATA_DIR": str(tmp_path_factory.mktemp("data")), "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-c", _BODIES], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def procfile() -> dict[str, str]:
    lines = (line.partition(":") for line in (ROOT / "Procfile").read_text().splitlines() if line.strip())
    return {name.strip(): command.strip() for name, _, command in lines}


def queues_of(command: list[str]) -> set[str]:
    """Return the queues that a worker's command line drains."""
    return {queue for option, value in pairwise(command) if option in {"-Q", "--queues"} for queue in value.split(",")}


def compose() -> dict[str, list[str]]:
    """Return the command of each service of compose.yaml that has one."""
    path = ROOT / "compose.yaml"
    if not path.exists():
        pytest.skip("there is no compose.yaml")
    services = yaml.safe_load(path.read_text())["services"]
    commands = {name: service["command"] for name, service in services.items() if "command" in service}
    return {name: shlex.split(command) if isinstance(command, str) else command for name, command in commands.items()}


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


class Recording(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings() -> list[str]:
    """Return the name of every setting that is read."""
    environ = Recording()
    load(environ)
    return sorted(environ.asked)


def test_every_declared_task_has_a_body_and_every_body_is_declared(registered: dict[str, Any]) -> None:
    declared = {
        spec.name: {"parameters": list(spec.parameters), "queue": spec.queue, "time_limit": spec.time_limit}
        for spec in tasks.ALL
    }

    assert registered["bodies"] == declared


def test_all_tasks_are_in_the_list_of_all_tasks() -> None:
    declared = {spec for spec in vars(tasks).values() if isinstance(spec, tasks.TaskSpec)}

    assert set(tasks.ALL) == declared
    assert len({spec.name for spec in tasks.ALL}) == len(tasks.ALL)
    assert {spec.queue for spec in tasks.ALL} == set(tasks.QUEUES)


def test_the_timer_sends_only_tasks_that_exist(registered: dict[str, Any]) -> None:
    assert registered["beat"]
    assert set(registered["beat"]) <= {spec.name for spec in tasks.ALL}


def test_no_task_may_take_longer_than_the_broker_waits_for_it() -> None:
    for spec in tasks.ALL:
        assert 0 < spec.time_limit < tasks.VISIBILITY_TIMEOUT, spec.name


def test_what_takes_a_whole_library_in_one_go_has_a_day_for_it() -> None:
    for spec in (tasks.discover, tasks.reconcile):
        assert spec.time_limit >= 24 * 3600, spec.name


def test_the_procfile_drains_every_queue_and_no_other() -> None:
    drained = [queues_of(shlex.split(command)) for command in procfile().values()]
    workers = [queues for queues in drained if queues]

    # Upkeep is drained by all: one of them may be held up.
    assert all(tasks.UPKEEP in queues for queues in workers)
    assert sorted(queue for queues in workers for queue in queues - {tasks.UPKEEP}) == sorted(
        set(tasks.QUEUES) - {tasks.UPKEEP}
    )


@pytest.mark.parametrize("name", [name for name, command in procfile().items() if queues_of(shlex.split(command))])
def test_a_worker_can_do_the_tasks_of_its_queues_and_holds_rows_by_its_name(name: str, tmp_path: Path) -> None:
    queues = queues_of(shlex.split(procfile()[name]))
    environ = os.environ | {"DATA_DIR": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0"}

    done = subprocess.run(
        [sys.executable, "-c", _BEGUN, f"{name}@here", ",".join(queues)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    holder, bodies = json.loads(done.stdout)
    assert holder.startswith(f"{name}@here/")
    assert {spec.name for spec in tasks.ALL if spec.queue in queues} <= set(bodies)


def test_the_procfile_has_one_timer() -> None:
    assert [name for name, command in procfile().items() if shlex.split(command)[-1] == "beat"] == ["beat"]


@pytest.mark.parametrize("name", ["web", "scan", "metadata", "artwork", "beat", "watch", "flower"])
def test_compose_runs_what_the_procfile_runs(name: str) -> None:
    assert compose()[name] == shlex.split(procfile()[name])


def test_compose_drains_every_queue() -> None:
    drained = {queue for command in compose().values() for queue in queues_of(command)}

    assert drained == set(tasks.QUEUES)


@pytest.mark.parametrize("name", settings())
@pytest.mark.parametrize("file", [".env.example", "README.md"])
def test_every_setting_is_written_down(file: str, name: str) -> None:
    assert re.search(rf"\b{name}\b", (ROOT / file).read_text())


def test_the_example_of_settings_names_no_setting_that_is_not_read() -> None:
    named = re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert set(named) == set(settings())


def test_the_example_of_settings_holds_the_defaults() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    assert load(example) == load({})


@pytest.mark.parametrize("vague", ["utils", "util", "helpers", "helper", "manager", "managers", "services", "service"])
def test_no_module_has_a_name_that_says_nothing(vague: str) -> None:
    names = [part for path in modules() for part in path.relative_to(ROOT).with_suffix("").parts]

    assert not [name for name in names if vague in name.split("_")]


def test_the_import_rules_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
