"""What roles and API keys may do. Pure."""

from collections.abc import Iterable, Mapping

from shared.kinds import Scope, UserRole

_VIEWER = frozenset({Scope.READ, Scope.STREAM})
_MEMBER = _VIEWER | {Scope.SCAN, Scope.MANAGE}

OF_ROLE: Mapping[UserRole, frozenset[Scope]] = {
    UserRole.VIEWER: _VIEWER,
    UserRole.MEMBER: _MEMBER,
    UserRole.ADMIN: frozenset(Scope),
}


def of_key(named: Iterable[str], role: UserRole) -> frozenset[Scope]:
    """Return what a key may do: what it names, as far as the user may do it for whom it acts.

    A key with the scope ``admin`` may do everything.
    """
    scopes = frozenset(map(Scope, named))
    return (frozenset(Scope) if Scope.ADMIN in scopes else scopes) & OF_ROLE[role]
