"""Having titles fetched again when it is said differently what is wanted of them."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import enrichments
from shared.kinds import MatchStatus
from shared.models import Media

#: The settings that every answer of a provider depends on.
_DEPENDED_ON = {"metadata_language", "metadata_country"}


def after_change(session: Session, changed: Collection[str]) -> int:
    """Have every matched title fetched again if one of these settings says how; return how many there are."""
    if _DEPENDED_ON.isdisjoint(changed):
        return 0
    matched = session.scalars(select(Media.id).where(Media.match_status == MatchStatus.MATCHED)).all()
    enrichments.fetch(session, matched, None, is_asked=True)
    return len(matched)
