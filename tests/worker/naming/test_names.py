"""What names mean: a line for each, the path as the test's id. A bug report becomes a line."""

import copy
import pickle
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kinds import MediaType, Source
from worker.naming import ExtraType, Guess, Kind, guess_file

DIRECTORS = "Director's Cut"
NEO = {Source.TMDB: "603"}
NEO_IMDB = {Source.IMDB: "tt0133093"}
BAD = {Source.TVDB: "81189"}


def film(path: str, title: str, year: int | None = None, **more: Any) -> Any:
    return pytest.param(path, {"kind": Kind.MOVIE, "title": title, "year": year, **more}, id=path)


def show(path: str, title: str, season: int | None, *episodes: int, **more: Any) -> Any:
    expected = {"kind": Kind.EPISODE, "title": title, "season": season, "episodes": episodes, **more}
    return pytest.param(path, expected, id=path)


def extra(path: str, kind: ExtraType, title: str, year: int | None = None, **more: Any) -> Any:
    return pytest.param(path, {"kind": Kind.EXTRA, "title": title, "year": year, "extra": kind, **more}, id=path)


# One case a line, however long.
# fmt: off
# ruff: noqa: E501
FILMS = [
    # A folder and a file with title and year
    film("Heat (1995)/Heat (1995).mkv", "Heat", 1995),
    film("Heat (1995)/Heat (1995) - 1080p.mkv", "Heat", 1995),
    film("Heat (1995)/Heat (1995) - 4K.mkv", "Heat", 1995),
    film("Heat (1995)/Heat (1995) [1080p].mkv", "Heat", 1995),
    film("Heat (1995)/Heat (1995) - [2160p HDR].mkv", "Heat", 1995),
    film("Heat (1995)/Heat (1995) - Version 2.mkv", "Heat", 1995),
    film("Heat (1995)/heat.mkv", "Heat", 1995),
    film("Heat (1995)/Heat.mkv", "Heat", 1995),
    film("Heat (1995).mkv", "Heat", 1995),
    film("The Matrix (1999).mkv", "The Matrix", 1999),
    film("The Matrix (1999)/The Matrix (1999).mp4", "The Matrix", 1999),
    film("The Matrix (1999) [1080p] [YTS.MX]/The.Matrix.1999.1080p.BrRip.x264.YIFY.mp4", "The Matrix", 1999),
    film("Heat [1995]/Heat [1995].mkv", "Heat", 1995),
    film("Heat {1995}.mkv", "Heat", 1995),
    film("Heat 1995.mkv", "Heat", 1995),
    film("Heat_1995.mkv", "Heat", 1995),
    film("Heat.1995.mkv", "Heat", 1995),
    film("heat-1995.mkv", "heat", 1995),
    film("(1995) Heat.mkv", "Heat", 1995),
    film("[1995] Heat.mkv", "Heat", 1995),
    film("Heat.mkv", "Heat"),
    film("Heat/Heat.mkv", "Heat"),
    film("Heat ( 1995 ).mkv", "Heat", 1995),
    film("Heat  (1995)  .mkv", "Heat", 1995),
    film("Sherlock Jr. (1924).mkv", "Sherlock Jr.", 1924),
    film("A Trip to the Moon (1902).mkv", "A Trip to the Moon", 1902),
    film("Roundhay Garden Scene (1888).mkv", "Roundhay Garden Scene", 1888),

    # Titles that look like years, or hold numbers
    film("1917 (2019)/1917 (2019).mkv", "1917", 2019),
    film("1917.mkv", "1917"),
    film("1917.2019.1080p.BluRay.x264-GRP.mkv", "1917", 2019),
    film("2012 (2009).mkv", "2012", 2009),
    film("2012.2009.720p.BluRay.mkv", "2012", 2009),
    film("2012.1080p.BluRay.mkv", "2012"),
    film("1984 (1984)/1984 (1984).mkv", "1984", 1984),
    film("1984.1984.1080p.mkv", "1984", 1984),
    film("2001 A Space Odyssey (1968).mkv", "2001 A Space Odyssey", 1968),
    film("2001 - A Space Odyssey (1968)/2001 - A Space Odyssey (1968).mkv", "2001 - A Space Odyssey", 1968),
    film("2001.A.Space.Odyssey.1968.1080p.BluRay.mkv", "2001 A Space Odyssey", 1968),
    film("Blade Runner 2049 (2017).mkv", "Blade Runner 2049", 2017),
    film("Blade.Runner.2049.2017.2160p.UHD.BluRay.x265-GRP.mkv", "Blade Runner 2049", 2017),
    film("Blade.Runner.2049.1080p.mkv", "Blade Runner 2049"),
    film("Blade Runner 2049.mkv", "Blade Runner 2049"),
    film("12 Monkeys (1995).mkv", "12 Monkeys", 1995),
    film("12.Monkeys.1995.mkv", "12 Monkeys", 1995),
    film("12 Angry Men (1957)/12.Angry.Men.1957.mkv", "12 Angry Men", 1957),
    film("Wonder Woman 1984 (2020).mkv", "Wonder Woman 1984", 2020),
    film("Wonder.Woman.1984.2020.2160p.WEB-DL.mkv", "Wonder Woman 1984", 2020),
    film("Death Race 2000 (1975).mkv", "Death Race 2000", 1975),
    film("Class of 1984 (1982).mkv", "Class of 1984", 1982),
    film("Class of 1984 Reunion.mkv", "Class of 1984 Reunion"),
    film("(500) Days of Summer (2009).mkv", "(500) Days of Summer", 2009),
    film("300 (2006)/300 (2006).mkv", "300", 2006),
    film("Movies/300.mkv", "300"),
    film("9 (2009).mkv", "9", 2009),
    film("9.mkv", "9"),
    film("Se7en (1995).mkv", "Se7en", 1995),
    film("10 Things I Hate About You (1999).mkv", "10 Things I Hate About You", 1999),
    film("District 9 (2009).mkv", "District 9", 2009),
    film("Apollo 13 (1995).mkv", "Apollo 13", 1995),
    film("Ocean's Eleven (2001).mkv", "Ocean's Eleven", 2001),
    film("8½ (1963).mkv", "8½", 1963),
    film("11-14 (2003).mkv", "11-14", 2003),
    film("1408.2007.720p.mkv", "1408", 2007),

    # Parts and volumes that belong to a title
    film("Dune Part Two (2024).mkv", "Dune Part Two", 2024),
    film("Kill Bill Vol. 2 (2004).mkv", "Kill Bill Vol. 2", 2004),
    film("Kill.Bill.Vol.2.2004.1080p.mkv", "Kill Bill Vol 2", 2004),
    film("Harry Potter and the Deathly Hallows Part 2 (2011).mkv", "Harry Potter and the Deathly Hallows Part 2", 2011),
    film("The.Godfather.Part.II.1974.1080p.mkv", "The Godfather Part II", 1974),
    film("Rocky II (1979).mkv", "Rocky II", 1979),
    film("Kill Bill Part 2.mkv", "Kill Bill Part 2"),

    # Release names
    film("Loose.Movie.2010.1080p.BluRay.x264-GRP.mkv", "Loose Movie", 2010),
    film("Loose_Movie_2010_1080p_BluRay_x264-GRP.mkv", "Loose Movie", 2010),
    film("Loose Movie 2010 1080p BluRay x264-GRP.mkv", "Loose Movie", 2010),
    film("loose movie (2010) 1080p.mkv", "loose movie", 2010),
    film("Loose.Movie.(2010).1080p.mkv", "Loose Movie", 2010),
    film("Loose.Movie.[2010].1080p.mkv", "Loose Movie", 2010),
    film("Loose.Movie.2010-GRP.mkv", "Loose Movie", 2010),
    film("Loose.Movie.2010.mkv", "Loose Movie", 2010),
    film("Loose.Movie.1080p.BluRay.x264-GRP.mkv", "Loose Movie"),
    film("Loose.Movie.DVDRip.XviD-GRP.avi", "Loose Movie"),
    film("Loose.Movie.1080p.2010.BluRay.mkv", "Loose Movie", 2010),
    film("Loose.Movie.2010.German.DL.1080p.BluRay.x264-GRP.mkv", "Loose Movie", 2010),
    film("Loose.Movie.GERMAN.DL.1080p.BluRay.x264-GRP.mkv", "Loose Movie"),
    film("Loose.Movie.German.DL.AC3.DVDRip.avi", "Loose Movie"),
    film("Loose.Movie.2010.MULTi.TRUEFRENCH.1080p.WEB.H264.mkv", "Loose Movie", 2010),
    film("Loose.Movie.2010.PROPER.REPACK.720p.HDTV.mkv", "Loose Movie", 2010),
    film("Loose.Movie.2010.WEB-DL.DD5.1.H.264-GRP.mkv", "Loose Movie", 2010),
    film("Loose.Movie.WEB.x264-GRP.mkv", "Loose Movie"),
    film("Loose.Movie.2010.COMPLETE.UHD.BLURAY-GRP.mkv", "Loose Movie", 2010),
    film("Loose.Movie.3D.HSBS.1080p.mkv", "Loose Movie"),
    film("The.Good.German.2006.1080p.mkv", "The Good German", 2006),
    film("The.Good.German.1080p.BluRay.mkv", "The Good German"),
    film("The.French.Dispatch.2021.1080p.mkv", "The French Dispatch", 2021),
    film("The Italian Job (1969).mkv", "The Italian Job", 1969),
    film("The.Darjeeling.Limited.2007.1080p.mkv", "The Darjeeling Limited", 2007),
    film("Madame.Web.2024.1080p.WEB.h264.mkv", "Madame Web", 2024),
    film("The.English.Patient.1996.mkv", "The English Patient", 1996),
    film("Charlotte's.Web.2006.720p.mkv", "Charlotte's Web", 2006),
    film("[ www.site.org ] - Loose.Movie.2010.1080p.mkv", "Loose Movie", 2010),
    film("www.Site.org - Loose Movie (2010).mkv", "Loose Movie", 2010),
    film("[Group] Loose Movie (2010) [BD 1080p].mkv", "Loose Movie", 2010),
    film("[Group] Loose Movie [1080p].mkv", "Loose Movie"),
    film("[REC] (2007).mkv", "[REC]", 2007),
    film("[REC] 2 (2009)/[REC] 2 (2009).mkv", "[REC] 2", 2009),
    film("01. Iron Man (2008).mkv", "Iron Man", 2008),
    film("02 - The Incredible Hulk (2008).mkv", "The Incredible Hulk", 2008),

    # How titles are spelled
    film("Title, The (1999).mkv", "The Title", 1999),
    film("Matrix, The (1999)/Matrix, The (1999).mkv", "The Matrix", 1999),
    film("Beautiful Mind, A (2001).mkv", "A Beautiful Mind", 2001),
    film("American in Paris, An (1951).mkv", "An American in Paris", 1951),
    film("Boot, Das (1981).mkv", "Das Boot", 1981),
    film("Avventura, L' (1960).mkv", "L'Avventura", 1960),
    film("Crazy, Stupid, Love. (2011).mkv", "Crazy, Stupid, Love.", 2011),
    film("Monsters, Inc. (2001).mkv", "Monsters, Inc.", 2001),
    film("Spider-Man (2002).mkv", "Spider-Man", 2002),
    film("Spider-Man.2002.1080p.mkv", "Spider-Man", 2002),
    film("X-Men.mkv", "X-Men"),
    film("the-matrix-reloaded.mkv", "the matrix reloaded"),
    film("Dr. Strangelove (1964).mkv", "Dr. Strangelove", 1964),
    film("Mr. & Mrs. Smith (2005).mkv", "Mr. & Mrs. Smith", 2005),
    film("E.T. the Extra-Terrestrial (1982).mkv", "E.T. the Extra-Terrestrial", 1982),
    film("E.T.the.Extra-Terrestrial.1982.1080p.mkv", "E.T. the Extra-Terrestrial", 1982),
    film("S.W.A.T.2003.720p.mkv", "S.W.A.T.", 2003),
    film("R.I.P.D. (2013).mkv", "R.I.P.D.", 2013),
    film("L.A.Confidential.1997.1080p.mkv", "L.A. Confidential", 1997),
    film("...And Justice for All (1979).mkv", "...And Justice for All", 1979),
    film("What's Up, Doc! (1972).mkv", "What's Up, Doc!", 1972),
    film("Who's Afraid of Virginia Woolf? (1966).mkv", "Who's Afraid of Virginia Woolf?", 1966),
    film("Mission- Impossible - Fallout (2018).mkv", "Mission- Impossible - Fallout", 2018),
    film("Star Wars - Episode IV - A New Hope (1977).mkv", "Star Wars - Episode IV - A New Hope", 1977),
    film("Amélie (2001).mkv", "Amélie", 2001),
    film("Ame\u0301lie (2001).mkv", "Amélie", 2001),
    film("千と千尋の神隠し (2001).mkv", "千と千尋の神隠し", 2001),
    film("기생충 (2019)/기생충.2019.1080p.mkv", "기생충", 2019),
    film("Иди и смотри (1985).mkv", "Иди и смотри", 1985),
    film("Ἀντιγόνη (1961).mkv", "Ἀντιγόνη", 1961),
    film("İstanbul (2010).mkv", "İstanbul", 2010),
    film("دو ۲ (2010).mkv", "دو ۲", 2010),
    film("Heat 🔥 (1995).mkv", "Heat 🔥", 1995),
    film("Pokémon.The.First.Movie.1998.mkv", "Pokémon The First Movie", 1998),
    film("Le Fabuleux Destin d'Amélie Poulain (Amélie) (2001).mkv", "Le Fabuleux Destin d'Amélie Poulain (Amélie)", 2001),

    # Ids
    film("The Matrix (1999) {tmdb-603}/The Matrix (1999) {tmdb-603}.mkv", "The Matrix", 1999, ids=NEO),
    film("The Matrix (1999) [tmdbid-603]/The Matrix (1999).mkv", "The Matrix", 1999, ids=NEO),
    film("The Matrix (1999) [tmdbid=603].mkv", "The Matrix", 1999, ids=NEO),
    film("The Matrix (1999) [tmdb=603].mkv", "The Matrix", 1999, ids=NEO),
    film("The Matrix (1999) (tmdb-603).mkv", "The Matrix", 1999, ids=NEO),
    film("The Matrix {tmdb-603}.mkv", "The Matrix", ids=NEO),
    film("The Matrix (1999)/matrix {tmdb-603}.mkv", "The Matrix", 1999, ids=NEO),
    film("The Matrix (1999) {imdb-tt0133093}.mkv", "The Matrix", 1999, ids=NEO_IMDB),
    film("The Matrix (1999) [imdbid-tt0133093].mkv", "The Matrix", 1999, ids=NEO_IMDB),
    film("The Matrix (1999) tt0133093.mkv", "The Matrix", 1999, ids=NEO_IMDB),
    film("The.Matrix.1999.tt0133093.1080p.mkv", "The Matrix", 1999, ids=NEO_IMDB),
    film("tt0133093 The Matrix (1999).mkv", "The Matrix", 1999, ids=NEO_IMDB),
    film("tt0133093.mkv", "tt0133093", ids=NEO_IMDB),
    film("The Matrix [tt0133093]/mtrx.mkv", "The Matrix", ids=NEO_IMDB),
    film("The Matrix (1999) {TMDB-603} {IMDB-tt0133093}.mkv", "The Matrix", 1999, ids=NEO | NEO_IMDB),
    film("Action {tmdb-603}/The Matrix (1999).mkv", "The Matrix", 1999, ids=NEO),
    film("The Matrix Collection {tmdb-2344}/The Matrix (1999).mkv", "The Matrix", 1999),
    film("Butter (2011).mkv", "Butter", 2011),
    film("Scott1234567 (2011).mkv", "Scott1234567", 2011),

    # Editions
    film("Heat (1995) {edition-Director's Cut}.mkv", "Heat", 1995, edition=DIRECTORS),
    film("Heat (1995) {edition-Director's Cut}/Heat (1995) {edition-Director's Cut}.mkv", "Heat", 1995, edition=DIRECTORS),
    film("Heat (1995) - Director's Cut.mkv", "Heat", 1995, edition=DIRECTORS),
    film("Heat.1995.Directors.Cut.1080p.BluRay.mkv", "Heat", 1995, edition=DIRECTORS),
    film("Heat (1995)/Heat (1995) - Extended.mkv", "Heat", 1995, edition="Extended"),
    film("Heat (1995)/Heat (1995) [Extended].mkv", "Heat", 1995, edition="Extended"),
    film("Heat (1995)/Heat - Extended.mkv", "Heat", 1995, edition="Extended"),
    film("Heat (1995) Extended Cut.mkv", "Heat", 1995, edition="Extended Cut"),
    film("Heat.1995.EXTENDED.1080p.mkv", "Heat", 1995, edition="EXTENDED"),
    film("Heat.1995.Extended.Edition.1080p.mkv", "Heat", 1995, edition="Extended Edition"),
    film("Heat (1995) - IMAX.mkv", "Heat", 1995, edition="IMAX"),
    film("Heat (1995) - Unrated.mkv", "Heat", 1995, edition="Unrated"),
    film("Heat.1995.Remastered.1080p.mkv", "Heat", 1995, edition="Remastered"),
    film("Heat (1995) - Theatrical.mkv", "Heat", 1995, edition="Theatrical"),
    film("Heat (1995) - Theatrical Cut.mkv", "Heat", 1995, edition="Theatrical Cut"),
    film("Blade Runner (1982) - Final Cut.mkv", "Blade Runner", 1982, edition="Final Cut"),
    film("Blade.Runner.1982.The.Final.Cut.1080p.mkv", "Blade Runner", 1982, edition="Final Cut"),
    film("Blade Runner The Final Cut (1982).mkv", "Blade Runner", 1982, edition="Final Cut"),
    film("The Final Cut (2004).mkv", "The Final Cut", 2004),
    film("Aliens Special Edition (1986).mkv", "Aliens", 1986, edition="Special Edition"),
    film("Avatar.Extended.2009.1080p.mkv", "Avatar", 2009, edition="Extended"),
    film("Unrated (2009).mkv", "Unrated", 2009),
    film("Uncut Gems (2019).mkv", "Uncut Gems", 2019),
    film("Uncut.Gems.2019.1080p.mkv", "Uncut Gems", 2019),
    film("Heat - Director's Cut.mkv", "Heat", edition=DIRECTORS),
    film("Heat (1995) - Ultimate Edition.mkv", "Heat", 1995, edition="Ultimate Edition"),
    film("Heat (1995) 4K Remastered.mkv", "Heat", 1995, edition="4K Remastered"),
    film("Heat (1995) [Criterion Collection].mkv", "Heat", 1995, edition="Criterion Collection"),
    film("Justice League Snyder Cut (2021).mkv", "Justice League", 2021, edition="Snyder Cut"),
    film("Heat.1995.Open.Matte.1080p.mkv", "Heat", 1995, edition="Open Matte"),

    # Parts
    film("Heat (1995)/Heat (1995) - cd1.avi", "Heat", 1995, part=1),
    film("Heat (1995)/Heat (1995)-cd2.avi", "Heat", 1995, part=2),
    film("Heat (1995)/Heat (1995) part2.mkv", "Heat", 1995, part=2),
    film("Heat (1995)/Heat (1995) - pt1.mkv", "Heat", 1995, part=1),
    film("Heat (1995)/Heat (1995) - Part 2.mkv", "Heat", 1995, part=2),
    film("Heat (1995)/Heat (1995) disc 2.mkv", "Heat", 1995, part=2),
    film("Heat (1995)/Heat (1995) dvd1.mkv", "Heat", 1995, part=1),
    film("Heat (1995)/heat-cd1.avi", "Heat", 1995, part=1),
    film("Heat (1995)/heat part 2.avi", "Heat", 1995, part=2),
    film("Heat (1995)/Part 1.avi", "Heat", 1995, part=1),
    film("Heat (1995)/CD1/heat.avi", "Heat", 1995, part=1),
    film("Heat (1995)/Disc 2/Heat.mkv", "Heat", 1995, part=2),
    film("Heat.1995.DVDRip.XviD.CD2-GRP.avi", "Heat", 1995, part=2),
    film("Heat cd1.avi", "Heat", part=1),
    film("heat-part2.avi", "heat", part=2),

    # Whose word counts: the folder's or the file's
    film("Heat (1995)/b4d455f00d5a1234.mkv", "Heat", 1995),
    film("Heat (1995)/grp-ht1080.mkv", "Heat", 1995),
    film("Heat (1995)/Heat.1995.1080p.BluRay.x264-GRP.mkv", "Heat", 1995),
    film("Heat (1995)/heat.1996.1080p.mkv", "Heat", 1995),
    film("Heat.1995.1080p.BluRay.x264-GRP/grp-heat-1080p.mkv", "Heat", 1995),
    film("Heat.1995.1080p.BluRay.x264-GRP/abc123.mkv", "Heat", 1995),
    film("Leon (1994)/Leon.The.Professional.1994.1080p.mkv", "Leon", 1994),
    film("Loose.Movie.1080p.BluRay-GRP/grp-lm.mkv", "Loose Movie"),
    film("Heat/movie.mkv", "Heat"),
    film("Heat/title_t00.mkv", "Heat"),
    film("Heat/1080p.mkv", "Heat"),
    film("Heat/Heat.1995.1080p.mkv", "Heat", 1995),
    film("Heat (1995)/1080p/Heat.mkv", "Heat", 1995),
    film("Heat (1995)/BDMV/STREAM/00001.m2ts", "Heat", 1995),
    film("Heat (1995)/VIDEO_TS/VTS_01_1.VOB", "Heat", 1995),
    film("Action/Heat (1995).mkv", "Heat", 1995),
    film("Action/Heat.mkv", "Heat"),
    film("Action/Heat (1995)/heat.mkv", "Heat", 1995),
    film("Marvel Movies/Iron Man (2008).mkv", "Iron Man", 2008),
    film("Marvel Movies/Iron.Man.2008.1080p.mkv", "Iron Man", 2008),
    film("Movies/Heat (1995)/Heat (1995).mkv", "Heat", 1995),
    film("H/Heat (1995)/Heat (1995).mkv", "Heat", 1995),
    film("1990s/Heat (1995).mkv", "Heat", 1995),
    film("1995/Heat.mkv", "Heat"),
    film("Movies 2010/Inception (2010).mkv", "Inception", 2010),
    film("Oscars 2010/The King's Speech (2010).mkv", "The King's Speech", 2010),
    film("Alien Anthology (1979-1997)/Aliens (1986).mkv", "Aliens", 1986),
    film("Star Wars (1977)/The Empire Strikes Back (1980).mkv", "The Empire Strikes Back", 1980),
    film("The Lord of the Rings (2001)/The Two Towers (2002).mkv", "The Two Towers", 2002),
    film("Matrix Trilogy/The Matrix (1999)/The Matrix (1999).mkv", "The Matrix", 1999),
    film("Matrix Trilogy/The Matrix.mkv", "The Matrix"),
    film("Unsorted/New/Some Film.mkv", "Some Film"),
    film("Shorts/La Luna (2011)/La Luna (2011).mkv", "La Luna", 2011),
    film("Shorts/La Luna (2011).mkv", "La Luna", 2011),
    film("Kino/Shorts/La Luna (2011).mkv", "La Luna", 2011),

    film("Heat (1995)/Heat (1995) - [Remux-1080p][DTS-HD MA 5.1]-GRP.mkv", "Heat", 1995),
    film("Heat (1995)/Heat.1995.IMAX.2160p.DSNP.WEB-DL.mkv", "Heat", 1995, edition="IMAX"),
    film("Mr.Hollands.Opus.1995.1080p.mkv", "Mr Hollands Opus", 1995),
    film("[Group] Film Name [BD 1080p][ABC].mkv", "Film Name"),
    film("The Matrix Collection/1 - The Matrix (1999)/The Matrix.mkv", "The Matrix", 1999),
    film("Movie Title (Director's Cut) (1999).mkv", "Movie Title", 1999, edition=DIRECTORS),
    film("Das.Boot.1981.DC.German.mkv", "Das Boot", 1981, edition=DIRECTORS),
    film("Das.Boot.GERMAN.DL.mkv", "Das Boot"),
    film("Apocalypse Now Redux (1979).mkv", "Apocalypse Now Redux", 1979),
    film("Apocalypse Now (1979) Redux.mkv", "Apocalypse Now", 1979, edition="Redux"),
    film("2010.The.Year.We.Make.Contact.1984.mkv", "2010 The Year We Make Contact", 1984),
    film("2046.2004.1080p.mkv", "2046", 2004),
    film("Ben-Hur (1959) part1.mkv", "Ben-Hur", 1959, part=1),
    film("big_buck_bunny_1080p_h264.mov", "big buck bunny"),
    film("M (1931)/M.mkv", "M", 1931),
    film("Twelve Monkeys/12.Monkeys.mkv", "12 Monkeys"),
    film("Heat (1995) 1080p/Subs/heat.mkv", "Heat", 1995),

    # What is left where no rule finds a title
    film("1080p.mkv", "1080p"),
    film("(1995).mkv", "(1995)"),
    film("Heat (1995)/.mkv", "Heat", 1995),
    film("!!!.mkv", "!!!"),
    film("....mkv", "..."),
    film("The-Interview.mkv", "The-Interview"),
    film("Trailer Park of Terror (2008).mkv", "Trailer Park of Terror", 2008),
    film("Extra Ordinary (2019).mkv", "Extra Ordinary", 2019),
    film("Deleted (2022).mkv", "Deleted", 2022),
]

FILM_EXTRAS = [
    extra("Heat (1995)/Trailers/Teaser.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/trailers/Heat (1995).mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Featurettes/Making of.mkv", ExtraType.FEATURETTE, "Heat", 1995),
    extra("Heat (1995)/Behind The Scenes/x.mkv", ExtraType.BEHIND_THE_SCENES, "Heat", 1995),
    extra("Heat (1995)/Deleted Scenes/x.mkv", ExtraType.DELETED_SCENE, "Heat", 1995),
    extra("Heat (1995)/Interviews/x.mkv", ExtraType.INTERVIEW, "Heat", 1995),
    extra("Heat (1995)/Scenes/x.mkv", ExtraType.SCENE, "Heat", 1995),
    extra("Heat (1995)/Shorts/x.mkv", ExtraType.SHORT, "Heat", 1995),
    extra("Heat (1995)/Extras/Making Heat (2005).mkv", ExtraType.OTHER, "Heat", 1995),
    extra("Heat (1995)/Extras/Trailers/x.mkv", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Extras/Disc 2/x.mkv", ExtraType.OTHER, "Heat", 1995),
    extra("Heat (1995)/Other/x.mkv", ExtraType.OTHER, "Heat", 1995),
    extra("Heat (1995)/Sample/grp-heat-sample.mkv", ExtraType.SAMPLE, "Heat", 1995),
    extra("Heat (1995)/Samples/x.mkv", ExtraType.SAMPLE, "Heat", 1995),
    extra("Heat (1995)/backdrops/theme.mp4", ExtraType.THEME, "Heat", 1995),
    extra("Heat.1995.1080p-GRP/Sample/grp-heat.mkv", ExtraType.SAMPLE, "Heat", 1995),
    extra("Heat (1995)/Heat (1995)-trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Heat (1995)-trailer2.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Heat (1995).trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Heat (1995)_trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Heat (1995) - Trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Heat-TRAILER.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/Heat (1995)-sample.mkv", ExtraType.SAMPLE, "Heat", 1995),
    extra("Heat (1995)/Making of-featurette.mkv", ExtraType.FEATURETTE, "Heat", 1995),
    extra("Heat (1995)/Set-behindthescenes.mkv", ExtraType.BEHIND_THE_SCENES, "Heat", 1995),
    extra("Heat (1995)/Bank-deleted.mkv", ExtraType.DELETED_SCENE, "Heat", 1995),
    extra("Heat (1995)/Al Pacino-interview.mkv", ExtraType.INTERVIEW, "Heat", 1995),
    extra("Heat (1995)/Diner-scene.mkv", ExtraType.SCENE, "Heat", 1995),
    extra("Heat (1995)/x-short.mkv", ExtraType.SHORT, "Heat", 1995),
    extra("Heat (1995)/x-other.mkv", ExtraType.OTHER, "Heat", 1995),
    extra("Heat (1995)/sample.mkv", ExtraType.SAMPLE, "Heat", 1995),
    extra("Heat (1995)/trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat (1995)/sample-heat.mkv", ExtraType.SAMPLE, "Heat", 1995),
    extra("Heat/Making of-featurette.mkv", ExtraType.FEATURETTE, "Heat"),
    extra("Heat (1995)-trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Action/Heat (1995)-trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("Heat.1995.1080p.BluRay.x264-GRP-sample.mkv", ExtraType.SAMPLE, "Heat", 1995),
    extra("Trailers/Heat (1995)-trailer.mp4", ExtraType.TRAILER, "Heat", 1995),
    extra("The Matrix (1999) {tmdb-603}/Trailers/x.mp4", ExtraType.TRAILER, "The Matrix", 1999, ids=NEO),
]

SHOWS = [
    # A show's folder, a season's folder, an episode's file
    show("The Show (2008)/Season 01/The Show - S01E01 - Pilot.mkv", "The Show", 1, 1, year=2008, episode_title="Pilot"),
    show("The Show (2008)/Season 01/The Show (2008) - S01E01.mkv", "The Show", 1, 1, year=2008),
    show("The Show (2008)/Season 01/The Show - S01E01-E02 - Pilot.mkv", "The Show", 1, 1, 2, year=2008, episode_title="Pilot"),
    show("The Show (2008)/Season 01/s01e01.mkv", "The Show", 1, 1, year=2008),
    show("The Show/Season 1/The Show S01E02.mkv", "The Show", 1, 2),
    show("The Show/Season 1/The.Show.S01E02.The.Title.1080p.WEB-DL.x264-GRP.mkv", "The Show", 1, 2, episode_title="The Title"),
    show("Show Name/S01E01.mkv", "Show Name", 1, 1),
    show("Show/Season 1/Something Else - S01E03.mkv", "Show", 1, 3),
    show("Show/Season 2/Show - S03E04.mkv", "Show", 3, 4),

    # How an episode's number is written
    show("Show/s1e2.mkv", "Show", 1, 2),
    show("Show/Show.S1.E2.mkv", "Show", 1, 2),
    show("Show/Show S01 E02.mkv", "Show", 1, 2),
    show("Show/Show - S01 - E02 - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Show S01EP02.mkv", "Show", 1, 2),
    show("Show/Show - 1x02 - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Show.1x02.720p.mkv", "Show", 1, 2),
    show("Show/[1x02] Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Show - 01x02.mkv", "Show", 1, 2),
    show("Show/Show - S01E02E03.mkv", "Show", 1, 2, 3),
    show("Show/Show - S01E02E03E04 - Title.mkv", "Show", 1, 2, 3, 4, episode_title="Title"),
    show("Show/Show - S01E02-E04.mkv", "Show", 1, 2, 3, 4),
    show("Show/Show - S01E02-04.mkv", "Show", 1, 2, 3, 4),
    show("Show/Show - S01E02 - E04.mkv", "Show", 1, 2, 3, 4),
    show("Show/Show - S01E02-S01E04.mkv", "Show", 1, 2, 3, 4),
    show("Show/Show.S01E02.E03.720p.mkv", "Show", 1, 2, 3),
    show("Show/Show - S01E02+E03.mkv", "Show", 1, 2, 3),
    show("Show/Show - S01E01E03.mkv", "Show", 1, 1, 3),
    show("Show/Show - 2x01-03.mkv", "Show", 2, 1, 2, 3),
    show("Show/Show - 2x01-2x03.mkv", "Show", 2, 1, 2, 3),
    show("Show/Show - 2x01x02.mkv", "Show", 2, 1, 2),
    show("Show/Show - S1E1071.mkv", "Show", 1, 1071),
    show("Show/Show - S01E100.mkv", "Show", 1, 100),
    show("Show/Show - S2016E05.mkv", "Show", 2016, 5),
    show("Show/Show - S01E02v2.mkv", "Show", 1, 2),
    show("Show/Show - S01E02-1080p.mkv", "Show", 1, 2),
    show("Show/Show - S01E02-720p.mkv", "Show", 1, 2),
    show("Show/Show - S01E02 - 24 Hours.mkv", "Show", 1, 2, episode_title="24 Hours"),
    show("Show/Show Season 1 Episode 2.mkv", "Show", 1, 2),
    show("Show/Show - Season 1, Episode 2 - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Season 1/Episode 2.mkv", "Show", 1, 2),
    show("Show/Season 1/Episode 02 - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Season 1/Ep 02.mkv", "Show", 1, 2),
    show("Show/Season 1/E02.mkv", "Show", 1, 2),
    show("Show/Season 1/E02 - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Season 1/E02-E03.mkv", "Show", 1, 2, 3),
    show("Show/Season 1/02 - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Season 1/02. Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Season 1/02 Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Season 1/02.mkv", "Show", 1, 2),
    show("Show/Season 2/205 - Title.mkv", "Show", 2, 5, episode_title="Title"),
    show("Show/Season 1/Show - 02.mkv", "Show", 1, 2),
    show("Show/Season 1/Show 02.mkv", "Show", 1, 2),
    show("Show/Season 3/Show - 02 - Title.mkv", "Show", 3, 2, episode_title="Title"),
    show("Show/Episode 2.mkv", "Show", 1, 2),
    show("Show/E02.mkv", "Show", 1, 2),
    show("Show/02 - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/02.mkv", "Show", 1, 2),
    show("Show/Part 2.mkv", "Show", 1, 2),
    show("Show/Part Two - Title.mkv", "Show", 1, 2, episode_title="Title"),
    show("Show/Folge 12.mkv", "Show", 1, 12),
    show("Show/Staffel 2/Folge 3 - Der Titel.mkv", "Show", 2, 3, episode_title="Der Titel"),
    show("Show/Staffel 2 Folge 3.mkv", "Show", 2, 3),
    show("Show/Сезон 1/Серия 5.mkv", "Show", 1, 5),
    show("Show/5 серия.mkv", "Show", 1, 5),
    show("ショー/第03話.mkv", "ショー", 1, 3),
    show("쇼/시즌 2/쇼 3화.mkv", "쇼", 2, 3),

    # Specials
    show("Show/Specials/Show S00E01.mkv", "Show", 0, 1),
    show("Show/Specials/Show S00E01 - Christmas.mkv", "Show", 0, 1, episode_title="Christmas"),
    show("Show/Season 0/S00E02.mkv", "Show", 0, 2),
    show("Show/Season 00/Show - S00E02.mkv", "Show", 0, 2),
    show("Show/Specials/02 - Title.mkv", "Show", 0, 2, episode_title="Title"),
    show("Show/Specials/Christmas Special.mkv", "Show", 0, episode_title="Christmas Special"),
    show("Show/Show SP1.mkv", "Show", 0, 1),
    show("Show/Show - SP02 - Title.mkv", "Show", 0, 2, episode_title="Title"),
    show("Show/Show OVA 1.mkv", "Show", 0, 1),
    show("Show/[Group] Show OVA [1080p].mkv", "Show", 0),
    show("Show/OVA/[Group] Show - 01.mkv", "Show", 0, 1),
    show("Show/Season 2/Show Special 3.mkv", "Show", 0, 3),

    # A show's name
    show("The Office (US)/Season 1/The Office (US) - S01E01.mkv", "The Office (US)", 1, 1),
    show("Doctor Who (2005)/Season 1/Doctor Who - S01E01 - Rose.mkv", "Doctor Who", 1, 1, year=2005, episode_title="Rose"),
    show("Doctor Who/Doctor.Who.2005.S01E01.720p.mkv", "Doctor Who", 1, 1, year=2005),
    show("The Wire (2002-2008)/Season 1/S01E01.mkv", "The Wire", 1, 1, year=2002),
    show("Show, The (2008)/Season 1/S01E01.mkv", "The Show", 1, 1, year=2008),
    show("24/Season 1/24 - 1x01.mkv", "24", 1, 1),
    show("24/24 S01E02.mkv", "24", 1, 2),
    show("The 100/Season 1/The 100 - 05.mkv", "The 100", 1, 5),
    show("1883/Season 1/1883 - S01E01.mkv", "1883", 1, 1),
    show("9-1-1/Season 1/9-1-1 - S01E01.mkv", "9-1-1", 1, 1),
    show("11.22.63/11.22.63.S01E01.1080p.mkv", "11.22.63", 1, 1),
    show("S.W.A.T. (2017)/Season 1/S.W.A.T.S01E01.mkv", "S.W.A.T.", 1, 1, year=2017),
    show("Mr. Robot/Season 1/Mr.Robot.S01E01.mkv", "Mr. Robot", 1, 1),
    show("Special (2019)/Season 1/S01E01.mkv", "Special", 1, 1, year=2019),
    show("Extras/Season 1/Extras - S01E01.mkv", "Extras", 1, 1),
    show("Room 104/Room 104 - S01E02.mkv", "Room 104", 1, 2),
    show("Mob Psycho 100/[Group] Mob Psycho 100 - 05.mkv", "Mob Psycho 100", 1, 5),
    show("Babylon 5/Babylon 5 - 3.mkv", "Babylon 5", 1, 3),
    show("Breaking Bad {tvdb-81189}/Season 1/Breaking Bad - S01E01.mkv", "Breaking Bad", 1, 1, ids=BAD),
    show("Breaking Bad (2008) [tvdbid-81189]/S01E01.mkv", "Breaking Bad", 1, 1, year=2008, ids=BAD),
    show("Breaking Bad/Season 1/Breaking Bad - S01E01 {tvdb-81189}.mkv", "Breaking Bad", 1, 1, ids=BAD),
    show("Breaking Bad/Season 1 {tvdb-81189}/S01E01.mkv", "Breaking Bad", 1, 1, ids=BAD),
    show("Breaking Bad (2008) {tmdb-603} {tvdb-81189}/S01E01.mkv", "Breaking Bad", 1, 1, year=2008, ids=NEO | BAD),
    show("Show tt0133093/S01E01.mkv", "Show", 1, 1, ids=NEO_IMDB),

    # Seasons in many languages
    show("Show/Saison 2/Show - 03.mkv", "Show", 2, 3),
    show("Show/Staffel 2/03.mkv", "Show", 2, 3),
    show("Show/2. Staffel/03.mkv", "Show", 2, 3),
    show("Show/Temporada 2/03.mkv", "Show", 2, 3),
    show("Show/2ª Temporada/03.mkv", "Show", 2, 3),
    show("Show/Stagione 2/03.mkv", "Show", 2, 3),
    show("Show/Seizoen 2/03.mkv", "Show", 2, 3),
    show("Show/Säsong 2/03.mkv", "Show", 2, 3),
    show("Show/Sa\u0308song 2/03.mkv", "Show", 2, 3),
    show("Show/Sesong 2/03.mkv", "Show", 2, 3),
    show("Show/Sæson 2/03.mkv", "Show", 2, 3),
    show("Show/Kausi 2/03.mkv", "Show", 2, 3),
    show("Show/Sezon 2/03.mkv", "Show", 2, 3),
    show("Show/2. évad/03.mkv", "Show", 2, 3),
    show("Show/Сезон 2/03.mkv", "Show", 2, 3),
    show("Show/2 сезон/03.mkv", "Show", 2, 3),
    show("Show/シーズン2/03.mkv", "Show", 2, 3),
    show("Show/第2季/03.mkv", "Show", 2, 3),
    show("Show/시즌 2/03.mkv", "Show", 2, 3),
    show("Show/Series 2/03.mkv", "Show", 2, 3),
    show("Show/Season Two/03.mkv", "Show", 2, 3),
    show("Show/season.02/03.mkv", "Show", 2, 3),
    show("Show/S02/03.mkv", "Show", 2, 3),
    show("Show/S2/03.mkv", "Show", 2, 3),
    show("Show/02/03.mkv", "Show", 2, 3),
    show("Show/Season 02 (2009)/03.mkv", "Show", 2, 3),
    show("Show/Season 2 - The Return/03.mkv", "Show", 2, 3),
    show("Show/Season 2 1080p/03.mkv", "Show", 2, 3),
    show("Show/Show Season 2/03.mkv", "Show", 2, 3),
    show("Show/Show - Season 2/03.mkv", "Show", 2, 3),
    show("Show/Season 2/Disc 1/03.mkv", "Show", 2, 3),

    # Files in the library's root, and packs
    show("Show.Name.S01E02.1080p.WEB.mkv", "Show Name", 1, 2),
    show("Show.Name.S01E02.mkv", "Show Name", 1, 2),
    show("Show Name - S01E02 - Title.mkv", "Show Name", 1, 2, episode_title="Title"),
    show("Show.Name.2008.S01E02.720p.mkv", "Show Name", 1, 2, year=2008),
    show("Show Name (2008) - 1x02.mkv", "Show Name", 1, 2, year=2008),
    show("show_name_s01e02.mkv", "show name", 1, 2),
    show("[Group] Show Name - S01E02 [1080p].mkv", "Show Name", 1, 2),
    show("Show.Name.S01.1080p.WEB-GRP/Show.Name.S01E02.1080p.WEB-GRP.mkv", "Show Name", 1, 2),
    show("Show.Name.S01.1080p.WEB-GRP/02.mkv", "Show Name", 1, 2),
    show("Show.Name.2008.S01.1080p/Show.Name.2008.S01E02.mkv", "Show Name", 1, 2, year=2008),
    show("Show Name/Show.Name.S01.1080p.WEB-GRP/Show.Name.S01E02.mkv", "Show Name", 1, 2),
    show("Show Name Season 2/02 - Title.mkv", "Show Name", 2, 2, episode_title="Title"),
    show("Show.Name.S01E02.1080p.WEB-GRP/abcdef.mkv", "Show Name", 1, 2),
    show("Show Name/Show.Name.S01E02.1080p.WEB-GRP/abcdef.mkv", "Show Name", 1, 2),
    show("Show.Name.Complete.Series.1080p/Season 1/S01E02.mkv", "Show Name", 1, 2),
    show("Show Name Seasons 1-5/Season 1/S01E02.mkv", "Show Name", 1, 2),
    show("Show.Name.S01-S05.1080p/Season 3/S03E02.mkv", "Show Name", 3, 2),
    show("Season 1/Show Name - S01E02.mkv", "Show Name", 1, 2),
    show("TV Shows/Show Name/Season 1/S01E02.mkv", "Show Name", 1, 2),
    show("Anime/Show Name/Show Name - 02.mkv", "Show Name", 1, 2),
    show("British/Show Name (2008)/Show Name - 1x02.mkv", "Show Name", 1, 2, year=2008),
    show("TV/Show.Name.S01E02.mkv", "Show Name", 1, 2),

    # Anime, counted from the first
    show("[Group] Name - 24v2 (1080p) [ABCD1234].mkv", "Name", 1, 24),
    show("[Group] Name - 24 [1080p].mkv", "Name", 1, 24),
    show("[Group] Name - 1071 (1080p) [ABCD1234].mkv", "Name", 1, 1071),
    show("[Group]_Name_Of_It_-_024_[720p].mkv", "Name Of It", 1, 24),
    show("[Group] Name S2 - 05 [1080p].mkv", "Name", 2, 5),
    show("[Group] Name 2nd Season - 05 [1080p].mkv", "Name", 2, 5),
    show("[Group] Name Season 2 - 05 [1080p].mkv", "Name", 2, 5),
    show("Name/[Group] Name - 24v2 (1080p) [ABCD1234].mkv", "Name", 1, 24),
    show("Name/Season 2/[Group] Name - 24.mkv", "Name", 2, 24),
    show("Name/Name - 024 - The Title.mkv", "Name", 1, 24, episode_title="The Title"),
    show("Name/Name 024.mkv", "Name", 1, 24),
    show("Name/Name - 24 END [1080p].mkv", "Name", 1, 24),
    show("Name/[Group] Name 24 [1080p].mkv", "Name", 1, 24),
    show("Name/Name #24.mkv", "Name", 1, 24),
    show("One Piece/One Piece - 101.mkv", "One Piece", 1, 101),

    # An episode's title
    show("Show/Show - S01E02 - Pilot (1080p WEB-DL).mkv", "Show", 1, 2, episode_title="Pilot"),
    show("Show/Show - S01E02 - Pilot [1080p].mkv", "Show", 1, 2, episode_title="Pilot"),
    show("Show/Show - S01E02 - Pilot (Part 1).mkv", "Show", 1, 2, episode_title="Pilot (Part 1)"),
    show("Show/Show.S01E02.Pilot.mkv", "Show", 1, 2, episode_title="Pilot"),
    show("Show/Show.S01E02.Pilot.720p.HDTV.x264-GRP.mkv", "Show", 1, 2, episode_title="Pilot"),
    show("Show/Show.S01E02.REPACK.1080p.mkv", "Show", 1, 2),
    show("Show/Show.S01E02.GERMAN.DL.1080p.mkv", "Show", 1, 2),
    show("Show/Show.S01E02.FRENCH.WEB.x264.mkv", "Show", 1, 2),
    show("Show/Show.S01E02.Der.Titel.GERMAN.DL.720p.mkv", "Show", 1, 2, episode_title="Der Titel"),
    show("Show/Show.S01E02-GRP.mkv", "Show", 1, 2),
    show("Show/Show.S01E02.1080p-GRP.mkv", "Show", 1, 2),
    show("Show/Show - S01E02 - Mr. Smith Goes.mkv", "Show", 1, 2, episode_title="Mr. Smith Goes"),
    show("Show/Show - S01E02 - Épisode.mkv", "Show", 1, 2, episode_title="Épisode"),
    show("Show/Show - S01E02 - The Interview.mkv", "Show", 1, 2, episode_title="The Interview"),
    show("Show/Show S01E02-Interview.mkv", "Show", 1, 2, episode_title="Interview"),
    show("Show/Show - S01E02 - Chapter 3.mkv", "Show", 1, 2, episode_title="Chapter 3"),

    show("Show/Show - S05E101 - 101 - Title.mkv", "Show", 5, 101, episode_title="Title"),
    show("Show/Show S01E01 (1).mkv", "Show", 1, 1),
    show("Show/Season 1/01-02 - Title.mkv", "Show", 1, 1, 2, episode_title="Title"),
    show("Show/Season 1/Show - 101-102.mkv", "Show", 1, 101, 102),
    show("Show/Season 1/Episode 1/video.mkv", "Show", 1, 1),
    show("Show/Show - 5 of 10.mkv", "Show", 1, 5),
    show("Band of Brothers/Band of Brothers Part 3.mkv", "Band of Brothers", 1, 3),
    show("Star Trek/Star Trek TNG/Season 1/S01E01.mkv", "Star Trek TNG", 1, 1),
    show("[Group] One Piece - 1071 [1080p][Multiple Subtitle].mkv", "One Piece", 1, 1071),
    show("Show/Season 1/Show_S01_E05_Title.mkv", "Show", 1, 5, episode_title="Title"),
    show("Deutschland 83/Season 1/Deutschland.83.S01E02.mkv", "Deutschland 83", 1, 2),

    # No number, or one that is none
    show("Show/Making Of.mkv", "Show", None),
    show("Show/Season 2/Making Of.mkv", "Show", 2),
    show("Show/Show - 2010-05-24 - Guest.mkv", "Show", None, episode_title="Guest"),
    show("Show/Show.2010.05.24.mkv", "Show", None),
    show("Show/Show 2010.mkv", "Show", None, year=2010),
    show("Some Documentary (2010).mkv", "Some Documentary", None, year=2010),
    show("Show/Show.Name.102.HDTV-GRP.mkv", "Show", 1, 2),
    show("S01E01.mkv", "S01E01", 1, 1),
]

SHOW_EXTRAS = [
    extra("Show/Extras/Making of.mkv", ExtraType.OTHER, "Show"),
    extra("Show (2008)/Featurettes/Making of.mkv", ExtraType.FEATURETTE, "Show", 2008),
    extra("Show/Season 1/Behind The Scenes/x.mkv", ExtraType.BEHIND_THE_SCENES, "Show", season=1),
    extra("Show/Trailers/Season 1.mkv", ExtraType.TRAILER, "Show"),
    extra("Show/Season 1/Show - S01E02-sample.mkv", ExtraType.SAMPLE, "Show", season=1, episodes=(2,)),
    extra("Show/Season 1/Sample/x.mkv", ExtraType.SAMPLE, "Show", season=1),
    extra("Show/Show-trailer.mp4", ExtraType.TRAILER, "Show"),
    extra("Show/trailer.mp4", ExtraType.TRAILER, "Show"),
    extra("Show.Name.S01E02-sample.mkv", ExtraType.SAMPLE, "Show Name", season=1, episodes=(2,)),
    extra("Breaking Bad {tvdb-81189}/Interviews/x.mkv", ExtraType.INTERVIEW, "Breaking Bad", ids=BAD),
]
# fmt: on


FILM_PATHS = [case.values[0] for case in FILMS + FILM_EXTRAS]
SHOW_PATHS = [case.values[0] for case in SHOWS + SHOW_EXTRAS]
EVERY_CASE = [(path, MediaType.MOVIE) for path in FILM_PATHS] + [(path, MediaType.TV_SHOW) for path in SHOW_PATHS]

#: What rules that go back and forth would never come back from.
REPEATED = [
    "[",
    "(",
    "{",
    "[]",
    "()",
    " ",
    ".",
    "-",
    " - ",
    "_",
    "1",
    "S01E01-",
    "1x1-",
    "a.",
    "(2000",
    "2000 ",
    "cd1 ",
    "a,",
]

#: Pieces of names, for a search to put together in ways that nobody would.
PIECES = st.sampled_from(
    [
        "S01E02",
        "1x02",
        "(1995)",
        "1995",
        " - ",
        "-",
        ".",
        "_",
        " ",
        "[",
        "]",
        "{",
        "}",
        "/",
        "Season 1",
        "1080p",
        "cd1",
        "Heat",
        "{tmdb-603}",
        "tt0133093",
        "The",
        ", The",
        "-trailer",
        "Extras",
        "Specials",
        "Extended",
        "\ud800",
        "\x00",
        "\u0301",
        "é",
        "第3話",
        "24v2",
        ".mkv",
        "..",
        "E02",
        "German.DL",
        "Part 2",
        "\u200b",
        "\n",
    ]
)


def said(guess: Guess) -> dict[str, Any]:
    """Return what a guess says, without what it leaves open and without its sources."""
    facts = {name: value for name, value in asdict(guess).items() if name != "sources"}
    return {name: value for name, value in facts.items() if value not in (None, (), {})}


def stated(expected: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in expected.items() if value not in (None, (), {})}


@pytest.mark.parametrize(("path", "expected"), FILMS + FILM_EXTRAS)
def test_a_name_among_films_means_what_the_table_says(path: str, expected: dict[str, Any]) -> None:
    assert said(guess_file(PurePosixPath(path), MediaType.MOVIE)) == stated(expected)


@pytest.mark.parametrize(("path", "expected"), SHOWS + SHOW_EXTRAS)
def test_a_name_among_shows_means_what_the_table_says(path: str, expected: dict[str, Any]) -> None:
    assert said(guess_file(PurePosixPath(path), MediaType.TV_SHOW)) == stated(expected)


@pytest.mark.parametrize(("path", "library_type"), EVERY_CASE, ids=[path for path, _ in EVERY_CASE])
def test_every_field_that_is_filled_says_where_it_came_from(path: str, library_type: MediaType) -> None:
    guess = guess_file(PurePosixPath(path), library_type)

    assert set(guess.sources) == set(said(guess)) - {"kind"} | ({"season"} if guess.season == 0 else set())
    assert set(guess.sources.values()) <= {"file", "folder", "parent"}


def test_the_sources_tell_a_file_from_its_folder_and_those_above() -> None:
    episode = guess_file(PurePosixPath("The Show (2008) {tvdb-1}/Season 1/02 - Title.mkv"), MediaType.TV_SHOW)

    assert episode.sources == {
        "title": "parent",
        "year": "parent",
        "ids": "parent",
        "season": "folder",
        "episodes": "file",
        "episode_title": "file",
    }


@pytest.mark.parametrize("library_type", [MediaType.MOVIE, MediaType.TV_SHOW])
@given(path=st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join)))
@settings(deadline=None, max_examples=300)
def test_whatever_a_name_holds_there_is_a_title_that_can_be_kept(library_type: MediaType, path: str) -> None:
    guess = guess_file(PurePosixPath(path), library_type)

    assert guess.title.strip()
    for text in (guess.title, guess.edition or "", guess.episode_title or ""):
        assert "\0" not in text
        text.encode()


@pytest.mark.parametrize("library_type", [MediaType.MOVIE, MediaType.TV_SHOW])
@pytest.mark.parametrize("end", ["", ".mkv", "/x.mkv", "/S01E01.mkv"])
@pytest.mark.parametrize("piece", REPEATED)
@pytest.mark.timeout(10)
def test_a_name_of_nothing_but_the_same_comes_to_an_end(piece: str, end: str, library_type: MediaType) -> None:
    for length in (250, 4000):
        assert guess_file(PurePosixPath((piece * length)[:length] + end), library_type).title


@pytest.mark.timeout(10)
def test_a_path_of_two_thousand_folders_comes_to_an_end() -> None:
    assert guess_file(PurePosixPath("[/" * 2000 + "x.mkv"), MediaType.TV_SHOW).title


@pytest.mark.parametrize("path", [".", "/", "..", "", "/Heat (1995)/Heat (1995).mkv"])
def test_a_path_that_is_none_below_a_root_has_a_title_too(path: str) -> None:
    assert guess_file(PurePosixPath(path), MediaType.MOVIE).title


def test_a_guess_is_the_same_each_time_and_whatever_was_asked_before() -> None:
    first = [guess_file(PurePosixPath(path), library_type) for path, library_type in EVERY_CASE]
    again = [guess_file(PurePosixPath(path), library_type) for path, library_type in reversed(EVERY_CASE)]

    assert first == again[::-1]


def test_a_guess_can_be_copied_and_sent() -> None:
    guess = guess_file(PurePosixPath("Heat (1995)/Heat (1995).mkv"), MediaType.MOVIE)

    assert copy.deepcopy(guess) == guess
    assert pickle.loads(pickle.dumps(guess)) == guess  # noqa: S301 - our own bytes


def test_all_versions_of_a_film_in_its_folder_are_one_film() -> None:
    names = [
        "Heat (1995) - 1080p",
        "Heat (1995) - 4K",
        "heat.1995.remux",
        "Heat (1995) - Extended",
        "heat-cd1",
        "b4d455",
    ]

    guesses = [guess_file(PurePosixPath(f"Heat (1995)/{name}.mkv"), MediaType.MOVIE) for name in names]

    assert {(guess.title, guess.year) for guess in guesses} == {("Heat", 1995)}


def test_all_files_of_a_show_in_its_folder_are_of_one_show() -> None:
    names = [
        "Season 1/S01E01",
        "Season 1/02 - Other Words",
        "Specials/Show.S00E01",
        "the.show.s02e01",
        "Extras/Making Of",
    ]

    guesses = [guess_file(PurePosixPath(f"The Show (2008)/{name}.mkv"), MediaType.TV_SHOW) for name in names]

    assert {(guess.title, guess.year) for guess in guesses} == {("The Show", 2008)}
