"""Secrets at rest: who has the key opens them, and nobody else."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared import vault
from shared.sealing_keys import keys_in, new_key
from shared.vault import SEALED, SealedError, is_sealed, seal, unseal

ROOT = Path(vault.__file__).parent.parent
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the key in a folder instead of the environment."""
    monkeypatch.setenv("SECRETS_KEY", "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize("text", ["", SECRET, "naïve ✓ 🔑", "x" * 100_000], ids=["empty", "key", "unicode", "long"])
def test_a_sealed_text_is_opened_as_it_was(text: str) -> None:
    sealed = seal(text)

    assert sealed.startswith(SEALED)
    assert is_sealed(sealed)
    assert SECRET not in sealed
    assert unseal(sealed) == text


def test_equal_texts_are_sealed_differently() -> None:
    assert seal(SECRET) != seal(SECRET)


def test_a_text_from_before_the_vault_is_returned_as_it_is() -> None:
    assert unseal(SECRET) == SECRET
    assert not is_sealed(SECRET)


def test_the_key_is_made_when_something_is_first_sealed_and_only_its_owner_reads_it(data_dir: Path) -> None:
    sealed = seal(SECRET)

    assert [path.name for path in data_dir.iterdir()] == ["secrets.key"]
    assert (data_dir / "secrets.key").stat().st_mode & 0o777 == 0o600
    assert unseal(sealed) == SECRET


def test_opening_makes_no_key(data_dir: Path) -> None:
    sealed = f"{SEALED}gAAAAA"

    with pytest.raises(SealedError, match=r"no key to open secrets with: put back .*secrets.key, or set SECRETS_KEY"):
        unseal(sealed)

    assert not data_dir.exists()


def test_processes_that_seal_first_at_once_have_one_key(data_dir: Path) -> None:
    program = "import sys; from shared.vault import seal; print(seal(sys.argv[1]))"

    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for number in range(6)
    ]

    sealed = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [unseal(text) for text in sealed] == [str(number) for number in range(6)]
    assert [path.name for path in data_dir.iterdir()] == ["secrets.key"]


def test_a_text_that_was_sealed_with_another_key_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(SECRET)
    monkeypatch.setenv("SECRETS_KEY", new_key())

    with pytest.raises(SealedError, match=r"Put back the SECRETS_KEY.*or set the secret again"):
        unseal(sealed)


@pytest.mark.parametrize("damage", ["", "A", "%", "é"])
def test_a_damaged_text_is_not_opened(damage: str) -> None:
    sealed = seal(SECRET)
    middle = len(sealed) // 2

    with pytest.raises(SealedError):
        unseal(sealed[:middle] + damage + sealed[middle + 2 :])


def test_an_old_key_still_opens_and_the_newest_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = new_key(), new_key()
    monkeypatch.setenv("SECRETS_KEY", old)
    before = seal(SECRET)

    monkeypatch.setenv("SECRETS_KEY", f"{new}, {old}")
    after = seal(SECRET)

    assert unseal(before) == SECRET
    monkeypatch.setenv("SECRETS_KEY", new)
    assert unseal(after) == SECRET


def test_the_key_of_the_environment_goes_before_the_one_in_the_folder(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRETS_KEY", new_key())

    assert unseal(seal(SECRET)) == SECRET

    assert not data_dir.exists()


def test_a_key_file_that_others_can_read_is_taken_away_from_them(data_dir: Path) -> None:
    sealed = seal(SECRET)
    (data_dir / "secrets.key").chmod(0o644)

    assert unseal(sealed) == SECRET

    assert (data_dir / "secrets.key").stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_holds_something_else_is_an_error_that_does_not_repeat_it(data_dir: Path) -> None:
    seal(SECRET)
    (data_dir / "secrets.key").write_text("hunter2\n")

    with pytest.raises(SealedError, match=r"secrets.key holds something else than keys") as error:
        seal(SECRET)

    assert "hunter2" not in str(error.value)


def test_a_folder_that_can_hold_no_key_is_an_error_that_says_what_to_do(data_dir: Path) -> None:
    data_dir.write_text("a file")

    with pytest.raises(SealedError, match="Mend that, or set SECRETS_KEY"):
        seal(SECRET)


def test_a_key_as_openssl_prints_it_is_one() -> None:
    key = "3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/8="

    assert keys_in(f"{key}\n") == (key,)


@pytest.mark.parametrize("text", ["hunter2", "aGVsbG8=", "x" * 44, "é" * 44])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="openssl rand -base64 32"):
        keys_in(text)
