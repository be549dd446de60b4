"""`dester backup` while a scan runs, and `dester restore` into the other kind of database."""

from pathlib import Path
from typing import Any

from tests.builders import a_new_postgres_database
from tests.installation import Installation, wait_until
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import films

FILMS = 120


def titles(server: Installation) -> dict[str, Any]:
    return {movie["id"]: movie["media"]["title"] for movie in server.all("/api/v1/movies")}


def test_a_backup_that_was_made_during_a_scan_goes_on_elsewhere_where_it_was(
    server: Installation, tmdb: TmdbStandIn, tmp_path: Path, postgres_url: str
) -> None:
    films(tmp_path / "films", FILMS)
    job = server.post("/api/v1/scan/path", {"path": str(tmp_path / "films"), "mediaType": "movie"})
    scan_job_id = job["data"]["scanJobId"] if "data" in job else job["scanJobId"]
    wait_until(lambda: titles(server), 30, "the scan has begun")
    known = titles(server)

    backed_up = server.dester("backup", str(tmp_path / "backup.tar"))

    assert backed_up.returncode == 0, backed_up.stderr
    assert "rows of" in backed_up.stdout
    server.wait_for(scan_job_id)
    is_sqlite = "DATABASE_URL" not in server.environ
    environ = {"TMDB_BASE_URL": tmdb.url, "TMDB_IMAGE_BASE_URL": tmdb.url, "TMDB_RATE_LIMIT": "0"}
    if is_sqlite:
        environ["DATABASE_URL"] = a_new_postgres_database(postgres_url)
    other = Installation(tmp_path / "other", environ)
    other.data_dir.mkdir()
    restored = other.dester("restore", str(tmp_path / "backup.tar"))
    assert restored.returncode == 0, restored.stderr
    with other:
        other.wait_for(scan_job_id)
        # What the backup has keeps its ids; what it has only as files to be named gets them anew.
        assert known.items() <= titles(other).items()
        assert sorted(titles(other).values()) == sorted(titles(server).values())
        assert other.get("/api/v1/settings")["data"]["tmdbApiKey"].endswith(tmdb.key[-4:])

        running = other.dester("restore", "--replace", str(tmp_path / "backup.tar"))
        assert running.returncode == 1
        assert "runs; stop it first" in running.stderr
    again = other.dester("restore", str(tmp_path / "backup.tar"))
    assert again.returncode == 1
    assert "--replace" in again.stderr


def test_what_is_no_backup_is_refused_in_one_sentence(server: Installation, tmp_path: Path) -> None:
    (tmp_path / "words.tar").write_text("words" * 1000)
    other = Installation(tmp_path / "other")
    other.data_dir.mkdir()

    ended = other.dester("restore", str(tmp_path / "words.tar"))

    assert ended.returncode == 1
    assert ended.stderr.startswith("dester: ")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert server.dester("backup", str(tmp_path / "words.tar")).stderr.endswith("exists already; name another file.\n")
