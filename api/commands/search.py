"""`dester search`: find titles, episodes and people."""

import click

from api.client import Json
from api.commands import output
from api.commands.target import Target


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many titles.")
@output.json_option
@click.pass_obj
def search(target: Target, words: tuple[str, ...], limit: int, *, as_json: bool) -> None:
    """Find films, shows, episodes and people by WORDS of their names; case, accents and a typo don't matter."""
    found = target.client().get("/api/v1/search", query=" ".join(words), limit=limit)
    if as_json:
        output.data(found)
        return
    rows = [_cells("film", row) for row in found["movies"]] + [_cells("show", row) for row in found["tvShows"]]
    rows += [_episode(row) for row in found["episodes"]] + [_person(row) for row in found["people"]]
    if rows:
        output.table(("Name", "Year", "Kind", "Match", "Id"), rows)
    else:
        output.line("Nothing is called like that.")


def _cells(kind: str, row: Json) -> tuple[str, ...]:
    media = row["media"]
    return media["title"], (media["releaseDate"] or "-")[:4], kind, media["matchStatus"], row["id"]


def _episode(row: Json) -> tuple[str, ...]:
    name = f"{row['showTitle']} {row['seasonNumber']}x{row['episodeNumber']:02d} {row['title']}"
    return name, "-", "episode", "-", row["id"]


def _person(row: Json) -> tuple[str, ...]:
    titles = ", ".join(dict.fromkeys(title["title"] for title in row["titles"]))
    return f"{row['name']} ({titles})", "-", "person", "-", row["id"]
