"""What lies beside films and shows, and what becomes of it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from shared.kinds import MediaType, Role, Source
from shared.opening import only
from worker.providers.base import Collection, Credit, HeldEpisode, Metadata, Problem, Wanted
from worker.providers.billing import MOST_OF_A_ROLE
from worker.providers.nfo import MOST_BYTES, NfoProvider

Tree = Callable[[dict[str, str | bytes]], Path]

MATRIX = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
    <title>The Matrix</title>
    <originaltitle>Matrix, The</originaltitle>
    <ratings>
        <rating name="themoviedb" max="10"><value>8.2</value><votes>1</votes></rating>
        <rating name="metacritic" max="100" default="true"><value>73</value></rating>
    </ratings>
    <userrating>1</userrating>
    <outline>Short.</outline>
    <plot>A hacker learns what the world is.</plot>
    <runtime>136</runtime>
    <genre>Action</genre>
    <genre>Science Fiction / Action</genre>
    <uniqueid type="tmdb" default="true">603</uniqueid>
    <uniqueid type="imdb">tt0133093</uniqueid>
    <uniqueid type="unheard-of">7</uniqueid>
    <director>Lana Wachowski</director>
    <director>Lilly Wachowski</director>
    <credits>Lana Wachowski / Lilly Wachowski</credits>
    <actor><name>Laurence Fishburne</name><role>Morpheus</role><order>1</order><thumb>x.jpg</thumb></actor>
    <actor><name>Keanu Reeves</name><role>Neo</role><order>0</order></actor>
    <premiered>1999-03-31</premiered>
    <year>2000</year>
    <studio>A Studio</studio>
    <trailer>plugin://plugin.video.youtube/?action=play_video&amp;videoid=vKQi3bBA1y8</trailer>
</movie>
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    def grow(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return grow


def a_film(root: Path, *, loose: bool = False) -> Wanted:
    return Wanted(MediaType.MOVIE, "The Matrix", files=(root / "Matrix.mkv",), folder=None if loose else root)


def a_show(root: Path, *held: tuple[int, int, str]) -> Wanted:
    episodes = tuple(HeldEpisode(season, episode, root / name) for season, episode, name in held)
    return Wanted(MediaType.TV_SHOW, "A Show", episodes=episodes, folder=root)


def answer(wanted: Wanted) -> Metadata:
    metadata = NfoProvider().fetch(wanted, brief=False)
    assert metadata is not None
    return metadata


def film_of(tree: Tree, nfo: str | bytes) -> Metadata:
    return answer(a_film(tree({"movie.nfo": nfo})))


def test_a_film_is_read_with_everything_that_its_nfo_tells(tree: Tree) -> None:
    film = film_of(tree, MATRIX)

    assert (film.provider, film.title, film.original_title) == ("nfo", "The Matrix", "Matrix, The")
    assert film.description == "A hacker learns what the world is."
    assert film.release_date == date(1999, 3, 31)
    assert (film.rating, film.duration, film.genres) == (7.3, 136, ("Action", "Science Fiction"))
    assert film.ids == {Source.TMDB: "603", Source.IMDB: "tt0133093"}
    assert film.trailer_url == "https://www.youtube.com/watch?v=vKQi3bBA1y8"
    assert (film.creator, film.network, film.problems) == (None, None, ())
    assert film.credits == (
        Credit("Keanu Reeves", Role.ACTOR, "Neo"),
        Credit("Laurence Fishburne", Role.ACTOR, "Morpheus"),
        Credit("Lana Wachowski", Role.DIRECTOR),
        Credit("Lilly Wachowski", Role.DIRECTOR),
        Credit("Lana Wachowski", Role.WRITER),
        Credit("Lilly Wachowski", Role.WRITER),
    )
    assert (film.match.score, film.match.parts) == (1.0, {"nfo": 1.0})


def test_an_nfo_that_is_a_link_to_outside_is_a_problem_and_not_read(tree: Tree, tmp_path: Path) -> None:
    root = tree({"films/poster.jpg": b"x", "secret.nfo": MATRIX}) / "films"
    (root / "movie.nfo").symlink_to(tmp_path / "secret.nfo")
    provider = NfoProvider(only(lambda real: real.startswith(f"{root}/")))

    found = provider.fetch(a_film(root), brief=False)

    assert found is not None
    assert (found.title, [problem.cause for problem in found.problems]) == (None, ["nfo-unreadable"])


def test_the_nfo_with_the_name_of_the_file_comes_first(tree: Tree) -> None:
    root = tree(
        {"movie.nfo": "<movie><title>Folder</title></movie>", "MATRIX.NFO": "<movie><title>File</title></movie>"}
    )

    assert answer(a_film(root)).title == "File"


def test_a_release_groups_nfo_does_not_hide_the_one_that_tells_the_film(tree: Tree) -> None:
    group = "-=[ RELEASE ]=- <o> imdb.com/title/tt0133093/ <o> \xb1\xb2".encode("latin-1")
    root = tree({"Matrix.nfo": group, "movie.nfo": "<movie><title>The Matrix</title></movie>"})

    film = answer(a_film(root))

    assert (film.title, film.problems) == ("The Matrix", ())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://www.themoviedb.org/movie/603-the-matrix\n", {Source.TMDB: "603"}),
        ("https://www.themoviedb.org/tv/1396", {}),
        ("http://www.imdb.com/title/tt0133093/", {Source.IMDB: "tt0133093"}),
        ("https://www.imdb.com/de/title/tt0133093/?ref_=x&y=1", {Source.IMDB: "tt0133093"}),
        ("tt0133093\n", {Source.IMDB: "tt0133093"}),
        ("https://thetvdb.com/?tab=series&id=81189&lid=7", {Source.TVDB: "81189"}),
        ("https://www.thetvdb.com/dereferrer/movie/169", {Source.TVDB: "169"}),
        ("https://thetvdb.com/series/24", {}),
    ],
)
def test_an_address_alone_gives_ids_alone(tree: Tree, text: str, ids: dict[Source, str]) -> None:
    film = NfoProvider().fetch(a_film(tree({"movie.nfo": text})), brief=False)

    assert (film.ids if film else {}) == ids
    assert film is None or (film.title, film.match.score, film.problems) == (None, 0.0, ())


def test_an_address_may_follow_the_xml(tree: Tree) -> None:
    film = film_of(tree, "<movie><title>Heat</title></movie>\nhttps://www.themoviedb.org/movie/949?language=en&x=1")

    assert (film.title, film.ids, film.problems) == ("Heat", {Source.TMDB: "949"}, ())


@pytest.mark.parametrize(
    ("inner", "field", "value"),
    [
        ("<year>1999</year>", "release_date", date(1999, 1, 1)),
        ("<year>99999</year>", "release_date", None),
        ("<premiered>0000-00-00</premiered><releasedate>1999-04-01</releasedate>", "release_date", date(1999, 4, 1)),
        ("<outline>Short.</outline><plot/>", "description", "Short."),
        ("<rating>7,5</rating>", "rating", 7.5),
        ("<rating>0.0</rating>", "rating", None),
        ("<rating>nan</rating>", "rating", None),
        ("<rating>9999</rating>", "rating", None),
        ("<ratings><rating max='0'><value>x</value></rating></ratings><rating>6</rating>", "rating", 6.0),
        ("<runtime>136 min</runtime>", "duration", 136),
        ("<runtime>2h 16m</runtime>", "duration", 136),
        ("<runtime>long</runtime>", "duration", None),
        ("<runtime>0</runtime>", "duration", None),
        ("<id>tt0133093</id>", "ids", {Source.IMDB: "tt0133093"}),
        ("<id>603</id>", "ids", {Source.TMDB: "603"}),
        ("<uniqueid type='TMDB'>603</uniqueid><id>604</id>", "ids", {Source.TMDB: "603"}),
        ("<tmdbid>603</tmdbid><imdb_id>tt0133093</imdb_id>", "ids", {Source.TMDB: "603", Source.IMDB: "tt0133093"}),
        ("<uniqueid type='tmdb'>../../x</uniqueid>", "ids", {}),
        ("<trailer>https://example.org/t.mp4</trailer>", "trailer_url", "https://example.org/t.mp4"),
        ("<trailer>/mnt/film-trailer.mkv</trailer>", "trailer_url", None),
        ("<trailer>plugin://plugin.video.youtube/play/?video_id=abc</trailer>", "trailer_url", None),
        ("<trailer>http://[broken</trailer>", "trailer_url", None),
        ("<Title>Loud</Title>", "title", "Loud"),
        ("<title>Tom & Jerry</title>", "title", "Tom & Jerry"),
        ("<title><![CDATA[Tom & Jerry]]></title>", "title", "Tom & Jerry"),
        ("<title>A\x00B\x0bC</title>", "title", "ABC"),
        ("<uniqueid type='tvmaze'>82</uniqueid>", "ids", {Source.TVMAZE: "82"}),
        ("<mpaa>PG-13</mpaa>", "certification", "PG-13"),
        ("<mpaa>Rated R for violence and gore</mpaa>", "certification", "R"),
        ("<certification>US:PG-13 / DE:12</certification>", "certification", "PG-13"),
        ("<mpaa/><certification>Germany:FSK 16</certification>", "certification", "FSK 16"),
        ("<mpaa>A sentence about what the film may do to people</mpaa>", "certification", None),
        ("<studio>A</studio><studio>B / C</studio><studio>A</studio>", "studios", ("A", "B", "C")),
        ("<studio>Warner/Sky</studio>", "studios", ("Warner/Sky",)),
        ("<set>Old Style</set>", "collection", Collection("Old Style", "")),
        ("<set tmdbcolid='2344'><name>New</name><overview>O</overview></set>", "collection", Collection("New", "2344")),
        ("<set tmdbcolid='x'><name>New</name></set>", "collection", Collection("New", "")),
        ("<set><overview>O</overview></set><set/>", "collection", None),
    ],
)
def test_fields_are_read_however_they_are_written(tree: Tree, inner: str, field: str, value: object) -> None:
    film = film_of(tree, f"<movie><tag>x</tag><plot>P</plot>{inner}</movie>".replace("<plot>P</plot><out", "<out"))

    assert getattr(film, field) == value
    assert film.problems == ()


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<actor><name>A</name></actor><actor><name>B</name></actor>", [("A", "actor", None), ("B", "actor", None)]),
        (
            "<actor><name>A</name></actor><actor><order>5</order><name>B</name><role/></actor>",
            [("B", "actor", None), ("A", "actor", None)],
        ),
        (
            "<actor><name>A</name><role>X</role></actor><Actor><Name> A </Name><role>Y</role></Actor>",
            [("A", "actor", "X")],
        ),
        ("<actor><name/></actor><actor/><actor>A</actor><director/><credits> / | </credits>", []),
        (
            "<director>Sammy Davis, Jr. | B</director>",
            [("Sammy Davis, Jr.", "director", None), ("B", "director", None)],
        ),
        ("<writer>A</writer><credits>A</credits>", [("A", "writer", None)]),
        ("<creator>A</creator><director>A</director>", [("A", "director", None), ("A", "creator", None)]),
    ],
)
def test_people_are_read_however_they_are_written(
    tree: Tree, inner: str, expected: list[tuple[str, str, str | None]]
) -> None:
    film = film_of(tree, f"<movie><title>T</title>{inner}</movie>")

    assert [(credit.name, credit.role, credit.character) for credit in film.credits] == expected
    assert film.problems == ()


def test_an_nfo_with_a_cast_of_thousands_names_the_first(tree: Tree) -> None:
    actors = "".join(f"<actor><name>A{number}</name></actor>" for number in range(5000))

    film = film_of(tree, f"<movie><title>T</title>{actors}</movie>")

    assert [credit.name for credit in film.credits] == [f"A{number}" for number in range(MOST_OF_A_ROLE)]


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("utf-8", ""),
        ("utf-8-sig", '<?xml version="1.0" encoding="utf-8"?>'),
        ("utf-16", '<?xml version="1.0" encoding="utf-16"?>'),
        ("utf-16-le", ""),
        ("utf-16-be", ""),
        ("latin-1", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
        ("latin-1", '<?xml version="1.0" encoding="utf-8"?>'),
        ("utf-8", '<?xml version="1.0" encoding="utf-16"?>'),
        ("utf-8", '<?xml version="1.0" encoding="punycode"?>'),
    ],
)
def test_any_encoding_is_read(tree: Tree, encoding: str, declaration: str) -> None:
    film = film_of(tree, f"{declaration}<movie><title>Amélie</title></movie>".encode(encoding))

    assert film.title == "Amélie"


@pytest.mark.parametrize(
    "nfo",
    [
        "<movie><title>The Matr",
        '<!DOCTYPE m [<!ENTITY a "boom">]><movie><title>&a;</title></movie>',
        '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><movie><title>&a;</title></movie>',
        '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><movie><title>&b;&b;</title></movie>',
        '<!DOCTYPE m SYSTEM "file:///etc/passwd" [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]><movie/>',
    ],
)
def test_a_broken_or_hostile_nfo_is_a_problem_and_the_pictures_stay(tree: Tree, nfo: str) -> None:
    root = tree({"movie.nfo": nfo, "poster.jpg": b"jpeg"})

    film = answer(a_film(root))

    assert film.title is None
    assert film.poster == (root / "poster.jpg").as_uri()
    assert [(problem.cause, problem.message) for problem in film.problems] == [
        ("nfo-broken", "The file “movie.nfo” is not well-formed XML.")
    ]


@pytest.mark.parametrize(
    "nfo",
    [
        "<movie>" * 100_000,
        "<movie>" + "<a>" * 100_000 + "</a>" * 100_000 + "<title>Deep</title></movie>",
        "<?xml" * 200_000 + "<movie>",
        "<!DOCTYPE" * 110_000 + "<movie>",
        "<movie>" + "thetvdb.com/" * 80_000,
        "<movie><title>" + "x" * MOST_BYTES + "</title></movie>",
        "<movie><runtime>" + "1h" * 400_000 + "</runtime></movie>",
        "<movie><genre>" + " / " * 300_000 + "</genre></movie>",
        "<movie><mpaa>" + "rated " * 150_000 + "</mpaa></movie>",
    ],
    ids=["unclosed", "deep", "declarations", "doctypes", "addresses", "long", "hours", "genres", "certification"],
)
def test_no_nfo_takes_long(tree: Tree, nfo: str) -> None:
    """Measured in this process's own time: each takes parts of a second, where going back and forth took minutes."""
    root = tree({"movie.nfo": nfo})

    started = time.process_time()
    NfoProvider().fetch(a_film(root), brief=False)

    assert time.process_time() - started < 2


def test_pictures_without_a_word_are_an_answer_without_a_match(tree: Tree) -> None:
    root = tree({"Folder.JPG": b"", "Matrix-FANART.png": b"", "fanart.jpg": b""})

    film = answer(a_film(root))

    assert (film.title, film.match.score) == (None, 0.0)
    assert film.poster == (root / "Folder.JPG").as_uri()
    assert film.backdrop == (root / "Matrix-FANART.png").as_uri()


def test_a_loose_film_takes_only_what_bears_its_name(tree: Tree) -> None:
    root = tree({"poster.jpg": b"", "movie.nfo": MATRIX, "Matrix-poster.webp": b""})

    film = answer(a_film(root, loose=True))

    assert (film.title, film.poster) == (None, (root / "Matrix-poster.webp").as_uri())


def test_neither_nfo_nor_picture_is_no_answer(tree: Tree) -> None:
    root = tree({"Matrix.mkv": b"", "poster.txt": b"", "poster.jpg/inside": b""})

    assert NfoProvider().fetch(a_film(root), brief=False) is None
    assert NfoProvider().fetch(Wanted(MediaType.MUSIC, "A Song", folder=root), brief=False) is None


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    problems = answer(a_film(tmp_path / "gone")).problems

    assert [problem.cause for problem in problems] == ["nfo-unreadable"]


def test_an_empty_folder_is_a_problem_as_it_held_the_title(tmp_path: Path) -> None:
    problems = answer(a_film(tmp_path)).problems

    assert [problem.cause for problem in problems] == ["nfo-unreadable"]


def test_what_goes_away_after_it_was_listed_is_a_problem(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree({"Matrix.mkv": b"", "Matrix.nfo": MATRIX})
    listed = Path.iterdir

    def unmounted_once_listed(folder: Path) -> Iterator[Path]:
        yield from list(listed(folder))
        root.rename(root.with_name("away"))

    monkeypatch.setattr(Path, "iterdir", unmounted_once_listed)

    film = answer(a_film(root))

    assert (film.title, [problem.cause for problem in film.problems]) == (None, ["nfo-unreadable"])


def test_a_picture_that_is_a_link_to_nowhere_is_no_problem(tree: Tree, tmp_path: Path) -> None:
    root = tree({"Matrix.mkv": b"", "Matrix.nfo": MATRIX})
    (root / "poster.jpg").symlink_to(tmp_path / "nowhere.jpg")

    film = answer(a_film(root))

    assert (film.title, film.poster, film.problems) == ("The Matrix", None, ())


def test_a_show_is_read_with_its_seasons_and_episodes(tree: Tree) -> None:
    root = tree(
        {
            "tvshow.nfo": "<tvshow><title>A Show</title><id>81189</id><studio>HBO</studio>"
            "<creator>Ida Dunn</creator><creator>Jo Page</creator><actor><name>Al Dent</name></actor>"
            "<namedseason number='1'>The First</namedseason><namedseason number='7'>Not held</namedseason></tvshow>",
            "poster.jpg": b"",
            "Season01-Poster.jpg": b"",
            "season-specials-poster.jpg": b"",
            "Season 01/e1.nfo": "<episodedetails><title>One</title><season>1</season><episode>1</episode>"
            "<plot>P</plot><aired>2008-01-20</aired><runtime>58</runtime>"
            "<director>Somebody else</director></episodedetails>",
            "Season 01/e1-thumb.jpg": b"",
        }
    )

    show = answer(a_show(root, (0, 1, "Specials/s1.mkv"), (1, 1, "Season 01/e1.mkv"), (1, 2, "Season 01/e2.mkv")))

    assert (show.title, show.network, show.ids) == ("A Show", "HBO", {Source.TVDB: "81189"})
    assert show.creator == "Ida Dunn, Jo Page"
    assert [credit.name for credit in show.credits] == ["Al Dent", "Ida Dunn", "Jo Page"]
    assert [(season.number, season.name, (season.poster or "").rsplit("/", 1)[-1]) for season in show.seasons] == [
        (0, None, "season-specials-poster.jpg"),
        (1, "The First", "Season01-Poster.jpg"),
    ]
    (episode,) = show.episodes
    assert (episode.season, episode.episode, episode.title, episode.overview) == (1, 1, "One", "P")
    assert (episode.air_date, episode.runtime) == (date(2008, 1, 20), 58)
    assert episode.still == (root / "Season 01/e1-thumb.jpg").as_uri()


def test_a_file_of_two_episodes_has_two_roots_in_its_nfo(tree: Tree) -> None:
    second, first = (
        f"<?xml version='1.0'?><episodedetails><title>{title}</title><episode>{number}</episode></episodedetails>\n"
        for title, number in (("Two", 2), ("One", 1))
    )
    root = tree({"e.nfo": second + first})

    show = answer(a_show(root, (1, 1, "e.mkv"), (1, 2, "e.mkv")))

    assert [(episode.episode, episode.title) for episode in show.episodes] == [(1, "One"), (2, "Two")]


def test_an_episodes_own_nfo_counts_even_under_another_number(tree: Tree) -> None:
    root = tree({"e.nfo": "<episodedetails><title>Mine</title><season>2</season><episode>9</episode></episodedetails>"})

    (episode,) = answer(a_show(root, (1, 4, "e.mkv"))).episodes

    assert (episode.season, episode.episode, episode.title) == (1, 4, "Mine")


def test_one_broken_episode_does_not_cost_the_show(tree: Tree) -> None:
    root = tree({"tvshow.nfo": "<tvshow><title>A Show</title></tvshow>", "e1.nfo": "<episodedetails><title>On"})

    show = answer(a_show(root, (1, 1, "e1.mkv")))

    assert (show.title, show.episodes) == ("A Show", ())
    assert [problem.message for problem in show.problems] == ["The file “e1.nfo” is not well-formed XML."]


def test_what_another_provider_says_fills_the_gaps_and_keeps_the_problems(tree: Tree) -> None:
    pictures = answer(a_film(tree({"poster.jpg": b"", "Matrix.nfo": "<movie><tit"})))
    film = replace(film_of(tree, MATRIX), problems=(Problem("other", "Another."),))

    filled = pictures.filled_from(film)

    assert (filled.title, filled.match, filled.poster) == ("The Matrix", film.match, pictures.poster)
    assert filled.problems == (*pictures.problems, *film.problems)


def test_people_are_those_of_the_first_provider_that_names_any(tree: Tree) -> None:
    nobody = film_of(tree, "<movie><title>The Matrix</title></movie>")
    somebody = film_of(tree, "<movie><title>T</title><director>The Wachowskis</director></movie>")
    everybody = film_of(tree, MATRIX)

    filled = nobody.filled_from(somebody).filled_from(everybody)

    assert filled.credits == somebody.credits
    assert filled.title == "The Matrix"


def test_the_studio_of_a_show_is_its_network(tree: Tree) -> None:
    nfo = "<tvshow><title>A Show</title><studio>A Channel</studio><studio>B</studio><mpaa>TV-MA</mpaa></tvshow>"

    show = answer(a_show(tree({"tvshow.nfo": nfo})))

    assert (show.network, show.studios, show.certification) == ("A Channel", (), "TV-MA")


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("movie.nfo", True),
        ("Matrix.nfo", True),
        ("poster.jpg", True),
        ("Matrix-fanart.png", True),
        ("notes.txt", False),
        ("Matrix.mkv", False),
    ],
)
def test_a_change_of_what_is_read_changes_the_signature(tree: Tree, name: str, *, is_read: bool) -> None:
    root = tree({"movie.nfo": MATRIX})
    before = NfoProvider().signature(a_film(root))

    tree({name: b"Another thing."})

    assert (NfoProvider().signature(a_film(root)) != before) is is_read


@pytest.mark.parametrize(
    ("name", "is_read"),
    [("Matrix.nfo", True), ("matrix-Poster.jpg", True), ("movie.nfo", False), ("Heat.nfo", False), ("x.jpg", False)],
)
def test_the_signature_of_a_loose_film_is_of_what_bears_its_name(tree: Tree, name: str, *, is_read: bool) -> None:
    root = tree({"Matrix.mkv": b""})
    before = NfoProvider().signature(a_film(root, loose=True))

    tree({name: b"A thing."})

    assert (NfoProvider().signature(a_film(root, loose=True)) != before) is is_read


@pytest.mark.parametrize("name", ["tvshow.nfo", "season01-poster.jpg", "Season 1/e1.nfo", "Season 1/e1-thumb.jpg"])
def test_the_signature_of_a_show_is_of_all_its_folders(tree: Tree, name: str) -> None:
    root = tree({"Season 1/e1.mkv": b""})
    show = a_show(root, (1, 1, "Season 1/e1.mkv"))
    before = NfoProvider().signature(show)

    tree({name: b"A thing.", "Season 1/other.nfo": b""})

    lines = set(NfoProvider().signature(show).splitlines()) - set(before.splitlines())
    assert [Path(line.rsplit(":", 2)[0]) for line in lines] == [root / name]


def test_a_folder_that_is_gone_has_an_empty_signature(tmp_path: Path) -> None:
    assert NfoProvider().signature(a_film(tmp_path / "gone")) == ""
