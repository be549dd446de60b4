"""The people of a title, in the order in which they are named. Pure."""

from collections.abc import Iterable

from shared.kinds import Role
from worker.providers.base import Credit

#: How many people of each role a title names; a long show has had hundreds.
MOST_OF_A_ROLE = 30


def in_billing_order(credited: Iterable[Credit]) -> tuple[Credit, ...]:
    """Put the cast first, then the crew by their roles, everybody once a role, and no more than a few of each."""
    first: dict[tuple[Role, str], Credit] = {}
    for credit in credited:
        first.setdefault((credit.role, credit.name), credit)
    roles = ([credit for credit in first.values() if credit.role is role] for role in Role)
    return tuple(credit for of_role in roles for credit in of_role[:MOST_OF_A_ROLE])
