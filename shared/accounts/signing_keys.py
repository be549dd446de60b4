"""The secrets that sign access tokens and URLs: made when they are first needed, changed by hand, never told."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from shared.database import Database
from shared.dialects import insert_for, one_at_a_time
from shared.models import SigningKey
from shared.models.base import now
from shared.vault import seal, unseal

#: Nothing that is signed is good for longer than this.
LONGEST = timedelta(hours=12)
_BYTES = 32
_DIGEST = "sha256"


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that verify, by their names; the newest one signs."""

    newest: str
    secrets: Mapping[str, bytes]

    def for_purpose(self, purpose: str) -> dict[str, bytes]:
        """Return keys that are of no use for any other purpose, the newest first."""
        return {name: hmac.digest(secret, purpose.encode(), _DIGEST) for name, secret in self.secrets.items()}


def load(database: Database) -> Keys:
    """Return the secrets in force; the first one is made if there is none, and once, however many processes ask.

    Raises:
        SealedError: they were sealed with another key than the one at hand.

    """
    with database.read() as session:
        keys = _read(session)
    if keys is not None:
        return keys
    with database.begin() as session:
        session.execute(insert_for(session, SigningKey).values(_a_new_one(1)).on_conflict_do_nothing())
    with database.read() as session:
        keys = _read(session)
    assert keys is not None, "nobody removes the newest one"
    return keys


def rotate(session: Session, *, leaked: bool) -> None:
    """Have a new secret sign from now on.

    What was signed before is good until it would have ended anyway; or no longer, where the old secret was leaked.
    """
    one_at_a_time(session)
    newest = session.scalar(select(SigningKey.number).order_by(SigningKey.number.desc()).limit(1)) or 0
    is_over = SigningKey.number > 0 if leaked else SigningKey.verifies_until < now()
    session.execute(delete(SigningKey).where(is_over))
    session.execute(
        update(SigningKey).where(SigningKey.verifies_until.is_(None)).values(verifies_until=now() + LONGEST)
    )
    session.execute(insert_for(session, SigningKey).values(_a_new_one(newest + 1)))


def _read(session: Session) -> Keys | None:
    verifies = or_(SigningKey.verifies_until.is_(None), SigningKey.verifies_until > now())
    rows = session.scalars(select(SigningKey).where(verifies).order_by(SigningKey.number.desc())).all()
    if not rows:
        return None
    return Keys(str(rows[0].number), {str(row.number): _opened(row.secret) for row in rows})


def _a_new_one(number: int) -> dict[str, object]:
    return {"number": number, "secret": seal(secrets.token_hex(_BYTES)), "created_at": now()}


@lru_cache(maxsize=8)
def _opened(sealed: str) -> bytes:
    return bytes.fromhex(unseal(sealed))
