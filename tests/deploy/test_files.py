"""The Dockerfile, compose.yaml and the Kubernetes example: what linters say of them, and what they promise."""

import re
import shutil
import stat
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from sqlalchemy import text

from api.supervisor import procfile
from api.version import API_VERSION
from shared import tasks
from shared.config import load
from shared.database import Database
from shared.migrate import migrate
from shared.scan_states import EnrichmentStatus, FolderStatus, JobStatus
from tests.builders import a_new_postgres_database, a_scan_folder, a_scan_job, an_enrichment
from tests.deploy.boxes import Service, services
from tests.deploy.dockerfile import ROOT, stages

PASSWORDS = {"POSTGRES_PASSWORD": "a", "REDIS_PASSWORD": "b", "FLOWER_BASIC_AUTH": "c:d"}
SERVICES = services(PASSWORDS)
#: Run to their end, and are asked nothing.
ONCE = {"migrate"}
#: The oldest that is still looked after, and the newest.
KUBERNETES = ("1.33", "1.37")
#: Of the example.
REGISTRY, VERSION = "registry.example.org/", f":{API_VERSION}"
PROGRAMS = Path(sys.executable).parent

Manifest = dict[str, Any]


def built(folder: Path) -> list[Manifest]:
    """Return the manifests that kustomize makes of a folder."""
    command = [PROGRAMS / "kubectl", "kustomize", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    """Build the Kubernetes example with passwords as deploy/secrets.sh writes them."""
    folder = tmp_path_factory.mktemp("repository") / "deploy"
    shutil.copytree(ROOT / "deploy", folder)
    subprocess.run([folder / "secrets.sh", "deploy/kubernetes/secrets.env"], check=True)
    return built(folder)


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Return what each Deployment or StatefulSet runs, by its name."""
    kinds = {"Deployment", "StatefulSet"}
    return {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in manifests if one["kind"] in kinds}


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", ()), *pod["containers"]]


def settings() -> set[str]:
    """Return the name of every setting that is read."""
    asked: set[str] = set()

    class Recording(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.add(name)
            return default

    load(Recording())
    return asked


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run([PROGRAMS / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_built_of_the_lock_file_and_runs_as_nobody_in_particular() -> None:
    build, final = stages()

    assert "--require-hashes" in " ".join(build.all("RUN"))
    assert "--only-binary :all:" in " ".join(build.all("RUN"))
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", final.last("USER"))
    assert re.search(r"^ARG PYTHON=python:\d+\.\d+\.\d+-slim-\w+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_what_the_dockerfile_copies_gets_past_the_ignored() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for sources, _ in stages()[0].copied() for source in sources}

    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


@pytest.mark.parametrize("more", [(), ("compose.tls.yaml",)], ids=["plain", "tls"])
def test_docker_compose_understands_the_files(more: tuple[str, ...]) -> None:
    asked = services({**PASSWORDS, "TLS_DIR": "/etc/certificates"}, *more)

    published = {port["target"] for port in asked["nginx"].asked["ports"]}
    assert published == ({8443} if more else {8080})


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "FLOWER_BASIC_AUTH"])
def test_no_password_has_a_default(name: str) -> None:
    with pytest.raises(AssertionError, match=rf"{name} .* run deploy/secrets.sh"):
        services({other: value for other, value in PASSWORDS.items() if other != name})


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
def test_a_container_has_no_rights_and_writes_nowhere_but_to_its_volumes(service: Service) -> None:
    asked = service.asked

    assert asked["read_only"] is True
    assert asked["cap_drop"] == ["ALL"]
    assert asked["security_opt"] == ["no-new-privileges:true"]
    assert not asked["user"].startswith("0")
    assert not asked.get("privileged")
    media = [volume for volume in asked.get("volumes", ()) if volume["target"] == "/media"]
    assert all(volume["read_only"] for volume in media)


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
def test_a_container_is_watched_started_again_and_bounded(service: Service) -> None:
    asked = service.asked

    limits = asked["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= limits.keys()
    if service.name in ONCE:
        assert asked["restart"] == "no"
    else:
        assert asked["restart"] in {"unless-stopped", "on-failure"}
        assert service.healthcheck


@pytest.mark.parametrize("name", ["scan", "metadata", "artwork", "watch", "beat", "web"])
def test_there_may_be_several_of_a_container(name: str) -> None:
    asked = SERVICES[name].asked

    assert "container_name" not in asked
    assert "hostname" not in asked
    assert not [port for port in asked.get("ports", ()) if "published" in port]


def test_nobody_from_outside_reaches_the_stores_or_the_api_past_nginx() -> None:
    published = {name for name, service in SERVICES.items() if service.asked.get("ports")}
    of_stores = {name for name, service in SERVICES.items() if list(service.asked["networks"]) == ["stores"]}

    assert published == {"nginx", "flower"}
    assert [port["host_ip"] for port in SERVICES["flower"].asked["ports"]] == ["127.0.0.1"]
    # Whoever has its password can end tasks and workers.
    of_flower = {
        name for name, service in SERVICES.items() if "FLOWER_BASIC_AUTH" in service.asked.get("environment", {})
    }
    assert of_flower == {"flower"}
    assert of_stores == {"postgres", "redis"}
    assert list(SERVICES["nginx"].asked["networks"]) == ["outside"]


# The last one is gunicorn's own, of which the operations guide speaks.
@pytest.mark.parametrize("name", [*sorted(settings()), "WEB_CONCURRENCY"])
def test_every_setting_reaches_the_containers(name: str) -> None:
    assert any(name in service.asked.get("environment", {}) for service in SERVICES.values())


def test_passwords_are_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "secrets.sh"
    script.parent.mkdir()
    shutil.copy(ROOT / "deploy" / "secrets.sh", script)
    (tmp_path / ".env").write_text("PORT=3001\nREDIS_PASSWORD=mine\nFLOWER_BASIC_AUTH=\n")

    subprocess.run([script], check=True)
    first = (tmp_path / ".env").read_text()
    subprocess.run([script], check=True)

    found = dict(line.split("=", 1) for line in first.splitlines())
    assert (tmp_path / ".env").read_text() == first
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert (found["PORT"], found["REDIS_PASSWORD"]) == ("3001", "mine")
    assert re.fullmatch("[0-9a-f]{48}", found["POSTGRES_PASSWORD"])
    assert re.fullmatch("dester:[0-9a-f]{48}", found["FLOWER_BASIC_AUTH"])


def test_nothing_that_git_is_to_ignore_is_checked_in() -> None:
    """Passwords that were would be kept by deploy/secrets.sh, which adds what is not there."""
    command = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert listed.stdout.split() == []


@pytest.mark.parametrize("version", KUBERNETES)
def test_the_manifests_are_what_kubernetes_takes(manifests: list[Manifest], version: str) -> None:
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("name", procfile())
def test_kubernetes_runs_what_the_procfile_runs(manifests: list[Manifest], name: str) -> None:
    main = next(one for one in pods(manifests)[name]["containers"] if one["name"] == "dester")

    assert main["command"] == procfile()[name]


def test_a_pod_has_no_rights_and_writes_nowhere_but_to_its_volumes(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests).items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(pod):
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"], name
            media = [mount for mount in container.get("volumeMounts", ()) if mount["mountPath"] == "/media"]
            assert all(mount["readOnly"] for mount in media), name
        assert any("livenessProbe" in container for container in pod["containers"]), name


def test_kubernetes_has_the_images_and_users_of_compose(manifests: list[Manifest]) -> None:
    known = {service.asked["image"] for service in SERVICES.values()}

    for name, pod in pods(manifests).items():
        assert {
            container["image"].removeprefix(REGISTRY).removesuffix(VERSION) for container in containers(pod)
        } <= known
        context = pod["securityContext"]
        assert f"{context['runAsUser']}:{context['runAsGroup']}" == SERVICES[name].asked["user"]


def test_workers_are_scaled_by_the_folders_and_titles_that_wait_for_them(
    manifests: list[Manifest], postgres_url: str
) -> None:
    scaled = {
        one["metadata"]["name"]: one["spec"]
        for one in built(ROOT / "deploy/kubernetes/autoscaling")
        if "triggers" in one["spec"]
    }
    database = Database(a_new_postgres_database(postgres_url))
    migrate(database)
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        for status in FolderStatus:
            a_scan_folder(session, scan_job, status=status)
        for title in EnrichmentStatus:
            an_enrichment(session, scan_job, status=title)
    waiting = {tasks.SCAN: 2, tasks.METADATA: 2, tasks.ARTWORK: 2}

    for queue in (tasks.SCAN, tasks.METADATA, tasks.ARTWORK):
        (trigger,) = scaled[queue]["triggers"]
        with database.read() as session:
            assert session.scalar(text(trigger["metadata"]["query"])) == waiting[queue]
        assert scaled[queue]["scaleTargetRef"]["name"] in pods(manifests)
        assert scaled[queue]["minReplicaCount"] == 1


def test_the_passwords_of_the_example_are_made_by_whoever_installs_it(manifests: list[Manifest]) -> None:
    (secret,) = (one for one in manifests if one["kind"] == "Secret")

    passwords = {name: b64decode(text).decode().removeprefix("dester:") for name, text in secret["data"].items()}

    assert passwords.keys() == PASSWORDS.keys()
    assert all(re.fullmatch(r"[0-9a-f]{48}", password) for password in passwords.values())


def test_passwords_are_added_to_a_file_whose_last_line_has_no_end(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "secrets.sh", tmp_path / "deploy")
    (tmp_path / ".env").write_text("LOG_LEVEL=debug")

    for _ in range(2):
        subprocess.run([tmp_path / "deploy" / "secrets.sh"], check=True)

    names = [line.partition("=")[0] for line in (tmp_path / ".env").read_text().splitlines()]
    assert names == ["LOG_LEVEL", *PASSWORDS]
    assert (tmp_path / ".env").read_text().startswith("LOG_LEVEL=debug\n")
