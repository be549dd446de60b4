"""`dester guess`: what a path would be taken for, and why."""

from collections.abc import Iterator

import click

from api.client import Json
from api.commands import output
from api.commands.scan import absolute
from api.commands.target import Target

#: What a guess says, in the words of people, and its names on the wire.
_SAID = {
    "Title": "title",
    "Year": "year",
    "Also known as": "otherTitles",
    "Season": "season",
    "Episodes": "episodes",
    "Shown on": "airDate",
    "Episode title": "episodeTitle",
    "Edition": "edition",
    "Part": "part",
    "3D": "threeD",
    "Ids": "ids",
}


@click.command()
@click.argument("path")
@click.option("--type", "media_type", type=click.Choice(["movie", "tv"]), help="What the folder holds.")
@click.option("--offline", is_flag=True, help="Don't ask the providers.")
@output.json_option
@click.pass_obj
def guess(target: Target, path: str, media_type: str | None, *, offline: bool, as_json: bool) -> None:
    """Say what the video file PATH would be taken for, and why; it need not exist."""
    explained = target.client().get(
        "/api/v1/guess",
        path=absolute(path) if target.is_here else path,
        mediaType=media_type,
        online="false" if offline else "true",
    )
    if as_json:
        output.data(explained)
    else:
        output.line("\n".join(explanation(explained)))


def explanation(explained: Json) -> Iterator[str]:
    """Tell what the server explained, line by line."""
    said, library = explained["guess"], explained["library"]
    yield explained["path"]
    yield f"Read as {_kind(said, explained['mediaType'])}, {_whose(library)}."
    for word, name in _SAID.items():
        if said[name] not in (None, [], {}):
            source = said["sources"].get(name)
            yield f"  {word}: {_shown(said[name])}{f' (from the {source})' if source else ''}"
    if explained["match"] is not None:
        yield _matched(explained["match"])
    for candidate in explained["candidates"]:
        yield f"  {_scored(candidate['score'])} {_named(candidate)} [{candidate['source']} {candidate['externalId']}]"
    for problem in explained["problems"]:
        yield f"  {problem}"


def _kind(said: Json, media_type: str) -> str:
    if said["kind"] == "extra":
        return f"an extra ({said['extra']}) of the {'show' if media_type == 'tv' else 'film'}"
    return "an episode" if said["kind"] == "episode" else "a film"


def _whose(library: Json | None) -> str:
    return f"in the library {library['name']}" if library else "in no library"


def _matched(match: Json) -> str:
    if match["status"] != "matched":
        # The problems say why.
        return "No match." if match["status"] == "unmatched" else "No match: not everybody could be asked."
    ids = ", ".join(f"{known['source']} {known['externalId']}" for known in match["externalIds"])
    parts = ", ".join(f"{name} {value}" for name, value in match["parts"].items())
    doubt = "; in doubt" if match["isDoubtful"] else ""
    return f"Match: {_named(match)} [{ids}] by {match['provider']}, score {_scored(match['score'])} ({parts}){doubt}"


def _named(title: Json) -> str:
    return f"{title['title']} ({title['year']})" if title["year"] else str(title["title"])


def _scored(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {known}" for name, known in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
