"""TMDB's episode groups, of which one may number a show's episodes through all seasons. Pure."""

from worker.placing import Place
from worker.providers.fields import Json, mapping, mappings, text, whole

#: Under which name the group that was asked for stands beside a show's details.
ABSOLUTE = "absolute_episode_group"

#: TMDB's type of a group that numbers absolutely.
_ABSOLUTE = 2


def absolute_group(details: Json) -> str | None:
    """Return the id of the group that numbers a show's episodes absolutely: of several the one with most of them."""
    groups = [
        (whole(group.get("episode_count")) or 0, group_id)
        for group in mappings(mapping(details.get("episode_groups")).get("results"))
        if whole(group.get("type")) == _ABSOLUTE and (group_id := text(group.get("id"))) and group_id.isalnum()
    ]
    return max(groups)[1] if groups else None


def in_order(answer: Json) -> tuple[Place, ...]:
    """Read a group: the places of the episodes in its order, the first of which is number 1; specials count nothing."""
    parts = sorted(mappings(answer.get("groups")), key=_order)
    episodes = [episode for part in parts for episode in sorted(mappings(part.get("episodes")), key=_order)]
    places = ((whole(episode.get("season_number")), whole(episode.get("episode_number"))) for episode in episodes)
    return tuple((season, number) for season, number in places if season and number is not None)


def _order(each: Json) -> int:
    return whole(each.get("order")) or 0
