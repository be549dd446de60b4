"""The metadata providers as users configure them. Workers read them for each task: no change needs a restart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from shared import enrichments, tasks
from shared.catalogue import refetch
from shared.dialects import insert_for
from shared.errors import InvalidError, NotFoundError
from shared.kinds import ProviderName
from shared.models import ProviderRow
from shared.models.base import new_id
from shared.settings import API_KEY, is_masked

#: Nudges for titles that wait for a provider; the sweeper sends the rest.
_MOST_NUDGES = 20
_TITLES_A_NUDGE = 16


@dataclass(frozen=True, slots=True)
class Traits:
    """What a provider is like before anybody configures it."""

    #: Its priority in a new installation, where every provider is enabled and none has a key.
    priority: int
    #: What it is configured by and can't be asked without. All of it is secret.
    secrets: tuple[str, ...] = ()


KNOWN: Mapping[str, Traits] = {
    ProviderName.NFO: Traits(priority=0),
    ProviderName.TMDB: Traits(priority=10, secrets=(API_KEY,)),
    ProviderName.TVMAZE: Traits(priority=20),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change in a provider; None: it stays. Of ``config`` only what is named changes."""

    enabled: bool | None = None
    priority: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """A provider that was changed."""

    row: ProviderRow
    is_new: bool
    #: How many titles are fetched now because of the change; ``nudge`` the workers for them.
    waiting: int


def listed(session: Session) -> Sequence[ProviderRow]:
    """Return the providers, first to be asked first."""
    known = select(ProviderRow).where(ProviderRow.name.in_(list(KNOWN)))
    return session.scalars(known.order_by(ProviderRow.priority, ProviderRow.name)).all()


def in_force(session: Session) -> list[ProviderRow]:
    """Return the providers that are enabled and have what they need, first to be asked first."""
    return [row for row in listed(session) if _asked_with(row) is not None]


def get(session: Session, name: str, *, locked: bool = False) -> ProviderRow:
    """Return a provider, locked until the transaction ends if it is to be changed.

    Raises:
        NotFoundError: there is none of this name.

    """
    row = session.scalar(_named(name, locked=locked)) if name in KNOWN else None
    if row is None:
        raise _no_such()
    return row


def change(session: Session, name: str, wanted: Change) -> Saved:
    """Change a provider.

    Raises:
        NotFoundError: there is none of this name.
        InvalidError: it is not configured by this.

    """
    return _saved(session, get(session, name, locked=True), wanted, is_new=False)


def create_or_change(session: Session, name: str, wanted: Change) -> Saved:
    """Change a provider that this server knows; where it was deleted, make it as in a new installation first.

    Raises:
        InvalidError: the server has no such provider, or it is not configured by this.

    """
    if name not in KNOWN:
        raise InvalidError("name", f"This server has no such provider; it has {', '.join(KNOWN)}.")
    row, is_new = _found_or_made(session, name)
    return _saved(session, row, wanted, is_new=is_new)


def remove(session: Session, name: str) -> None:
    """Delete a provider with its keys: it isn't asked any more until it is created again.

    Raises:
        NotFoundError: there is none of this name.

    """
    session.delete(get(session, name, locked=True))


def reset(session: Session) -> int:
    """Put the providers back to how a new installation has them, and return how many titles are fetched now."""
    session.execute(delete(ProviderRow).where(ProviderRow.name.not_in(list(KNOWN))))
    waiting, order = 0, _order(session)
    for name, traits in KNOWN.items():
        row, is_new = _found_or_made(session, name)
        before = None if is_new else _asked_with(row)
        row.enabled, row.priority, row.config = True, traits.priority, {}
        waiting = _fetched_now(session, row, before) or waiting
    return waiting + _fetched_in_order(session, order)


def set_tmdb_key(session: Session, key: str) -> int:
    """Set the TMDB key, which enables TMDB, or disable it with an empty one; return how many titles are fetched now.

    A masked key is what a client got from us and changes nothing.
    """
    wanted = Change(config={API_KEY: key})
    if is_masked(key):
        return 0
    if key.strip():
        return create_or_change(session, ProviderName.TMDB, wanted).waiting
    row = session.scalar(_named(ProviderName.TMDB, locked=True))
    return _saved(session, row, wanted, is_new=False).waiting if row else 0


def nudge(waiting: int) -> None:
    """Send tasks for so many titles that wait; to be called after the commit."""
    if waiting:
        tasks.fetch.send(None, times=min(_MOST_NUDGES, -(-waiting // _TITLES_A_NUDGE)))


def _saved(session: Session, row: ProviderRow, wanted: Change, *, is_new: bool) -> Saved:
    before, order = None if is_new else _asked_with(row), _order(session)
    _apply(row, wanted)
    return Saved(row, is_new, _fetched_now(session, row, before) + _fetched_in_order(session, order))


def _order(session: Session) -> list[str]:
    return [row.name for row in in_force(session)]


def _fetched_in_order(session: Session, before: Sequence[str]) -> int:
    """Have all fetched again whom those that are asked as before are asked about in another order now."""
    after = _order(session)
    is_other = [name for name in before if name in after] != [name for name in after if name in before]
    return refetch.in_another_order(session) if is_other else 0


def _fetched_now(session: Session, row: ProviderRow, before: dict[str, str] | None) -> int:
    """Have fetched what lacks something, if the provider can say now what it could not before."""
    after = _asked_with(row)
    return enrichments.fetch_incomplete(session) if after is not None and after != before else 0


def _apply(row: ProviderRow, wanted: Change) -> None:
    """Change a row.

    1. What is masked stays as it is; an empty value is forgotten.
    2. A key enables the provider unless the change says otherwise.
    3. Emptying its key disables it, whatever the change says.
    """
    config = {key: value.strip() for key, value in wanted.config.items() if not is_masked(value)}
    for key in wanted.config:
        if key not in KNOWN[row.name].secrets:
            raise InvalidError(f"config.{key}", f"The provider {row.name} is not configured by {key}.")
    row.config = {key: value for key, value in (row.config | config).items() if value}
    if wanted.priority is not None:
        row.priority = wanted.priority
    if "" in config.values():
        row.enabled = False
    elif wanted.enabled is not None:
        row.enabled = wanted.enabled
    elif config:
        row.enabled = True


def _asked_with(row: ProviderRow) -> dict[str, str] | None:
    """Return by which secrets a provider is asked; None where it isn't."""
    secrets = {key: row.config.get(key) or "" for key in KNOWN[row.name].secrets}
    return secrets if row.enabled and all(secrets.values()) else None


def _found_or_made(session: Session, name: str) -> tuple[ProviderRow, bool]:
    """Return the row of a provider, locked until the transaction ends, and whether it had to be made."""
    row, is_new = session.scalar(_named(name, locked=True)), False
    while row is None:
        # Somebody else may be making it, or deleting it, at this very moment.
        insert = insert_for(session, ProviderRow).values(
            id=new_id(), name=name, enabled=True, priority=KNOWN[name].priority, config={}
        )
        is_new = session.scalar(insert.on_conflict_do_nothing().returning(ProviderRow.id)) is not None
        row = session.scalar(_named(name, locked=True))
    return row, is_new


def _named(name: str, *, locked: bool) -> Select[ProviderRow]:
    named = select(ProviderRow).where(ProviderRow.name == name)
    return named.with_for_update() if locked else named


def _no_such() -> NotFoundError:
    return NotFoundError(f"There is no provider by this name; this server can have {', '.join(KNOWN)}.")
