"""Titles to look at, as clients read them."""

from typing import Any

from api.present.catalogue import candidates, guess, year
from shared.catalogue.place import Place
from shared.catalogue.review import Reviewed
from shared.kinds import MediaType

Json = dict[str, Any]

_WORDS = {MediaType.MOVIE: "movie", MediaType.TV_SHOW: "tv"}
_DOUBTFUL = "Another title was as near."
_UNSAID = "No provider named it."


def reviewed(item: Reviewed) -> Json:
    row = item.media
    reason = row.match_detail.get("reason")
    return {
        "id": item.id,
        "mediaId": row.id,
        "type": row.type,
        "title": row.title,
        "year": year(row),
        "matchStatus": row.match_status,
        "matchScore": row.match_score,
        "isDoubtful": row.is_doubtful,
        "reason": reason or (_DOUBTFUL if row.is_doubtful else _UNSAID),
        "guess": {"title": row.guessed_title, "year": row.guessed_year, "ids": row.guessed_ids},
        "candidates": candidates(row),
        "path": item.path,
    }


def explanation(at: Place, answer: Json) -> Json:
    library = {"id": at.library.id, "name": at.library.name} if at.library else None
    about = {"path": str(at.path), "mediaType": _WORDS[at.media_type], "library": library}
    return about | answer | {"guess": guess(answer["guess"])}
