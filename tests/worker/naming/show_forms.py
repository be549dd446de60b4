"""What names among shows mean, in forms that are rarer than those of ``show_names``: a line for each."""

from datetime import date

from shared.kinds import ExtraType
from tests.worker.naming.cases import extra, show

# One case a line, however long.
# fmt: off
# ruff: noqa: E501
SHOW_FORMS = [
    # A number in a show's name before one of an episode
    show("2.Broken.Clocks.S01E02.720p.HDTV.x264-GRP.mkv", "2 Broken Clocks", 1, 2),
    show("12.Monkeys.S01E12.720p.HDTV.x264-GRP.mkv", "12 Monkeys", 1, 12),
    show("02.Clocks.S01E02.mkv", "Clocks", 1, 2),
    show("2 - Clocks - S01E02.mkv", "Clocks", 1, 2),
    # Seasons as others write them
    show("Clocks/第 3 季/07.mkv", "Clocks", 3, 7),
    show("Clocks/Séria 3/07.mkv", "Clocks", 3, 7),
    show("Clocks/Temp 3/07.mkv", "Clocks", 3, 7),
    show("Clocks/3기/07.mkv", "Clocks", 3, 7),
    show("Clocks 시즌2 7화.mkv", "Clocks", 2, 7),
    show("Clocks 2기 07화.mkv", "Clocks", 2, 7),
    show("Clocks/Clocks - Livre V - Ep 23 - Le Forfait.avi", "Clocks", 5, 23, other_titles=("Clocks - Livre V",), episode_title="Le Forfait"),
    show("Clocks/Clocks - Complete Season 2/Clocks - 05 Words.avi", "Clocks", 2, 5, episode_title="Words"),
    show("Clocks.S01D02.DVDR.iso", "Clocks", 1),
    # A season's number before the episode's, in its folder
    show("Clocks/Season 2/2.07 Shadow Play.mkv", "Clocks", 2, 7, episode_title="Shadow Play"),
    show("Clocks/Season 2/2-07 Shadow Play.mkv", "Clocks", 2, 7, episode_title="Shadow Play"),
    show("Clocks/Season 1/01-02 - Shadow Play.mkv", "Clocks", 1, 1, 2, episode_title="Shadow Play"),
    show("Clocks/Season 10/10-11 - Shadow Play.mkv", "Clocks", 10, 10, 11, episode_title="Shadow Play"),
    # Two numbers, of which one is another's
    show("[Abc] Clocks - 07 & 08 [720p].mkv", "Clocks", None, 7, 8),
    show("Clocks/Season 1/Clocks - S01E05 - Episode 105.mkv", "Clocks", 1, 5, episode_title="Episode 105"),
    show("Clocks.-.2x05.-.Shadow.Play.avi", "Clocks", 2, 5, episode_title="Shadow Play"),
    # Shelves by letter, and what stars frame
    show("Anime/C/Clocks/01.mkv", "Clocks", None, 1),
    show("V/01.mkv", "V", None, 1),
    show("【Abc】★10月新番★[Clocks][07][GB][1080P].mp4", "Clocks", None, 7),
    show("TorrentSite.net_Fargo.S02E04.mkv", "Fargo", 2, 4),
    show("Kaamelott.Livre.2.Episode.15.FRENCH.DVDRip.avi", "Kaamelott", 2, 15),
    show("La Casa de Papel T1 Cap 2.avi", "La Casa de Papel", 1, 2),
    show("[SubsPlease] Sousou no Frieren - 05 (1080p) [E2FA5FC1].mkv", "Sousou no Frieren", None, 5),
    show("Westworld.3x01e02.mkv", "Westworld", 3, 1, 2),
    show("Westworld Se3 Ep1.mkv", "Westworld", 3, 1),
    show("Westworld Se03Ep01.mkv", "Westworld", 3, 1),
    show("Westworld.Sea3.Ep01.mkv", "Westworld", 3, 1),
    show("Westworld/Third Season/01.mkv", "Westworld", 3, 1),
    show("Westworld/Season III/01.mkv", "Westworld", 3, 1),
    show("Westworld (TV Series 2016-2022)/Season 3/S03E01.mkv", "Westworld", 3, 1, year=2016),
    show("Westworld.GERMAN.S03E01.DUBBED.DL.mkv", "Westworld", 3, 1),
    show("Westworld.German.S03E01.720p.mkv", "Westworld", 3, 1),
    show("Westworld.iTA.ENG.S03E01.1080p.mkv", "Westworld", 3, 1),
    show("Scrubs - 1.02 - My Mentor.avi", "Scrubs", 1, 2, episode_title="My Mentor"),
    show("Roots Episode IV.mkv", "Roots", None, 4),
    show("Kiseijuu - 24.1 [720p].mkv", "Kiseijuu", 0),
    show("기생수 제24화.mkv", "기생수", None, 24),
    show("Los Serrano [Cap.105_106].avi", "Los Serrano", 1, 5, 6),
    show("Los Serrano - Temp 1 - Cap 5.avi", "Los Serrano", 1, 5),
    show("Un medico in famiglia - Puntata 5.avi", "Un medico in famiglia", None, 5),
    show("Der Bergdoktor (5.03).mp4", "Der Bergdoktor", 5, 3),
    show("Der Bergdoktor/Staffel 05/Der Bergdoktor_S05_F03.mp4", "Der Bergdoktor", 5, 3),
    show("Running Man/Running.Man.E368.170903.HDTV.H264.720p.mkv", "Running Man", None, 368, air_date=date(2017, 9, 3)),
    show("Running.Man.E368.170903.720p-NEXT.mp4", "Running Man", None, 368, air_date=date(2017, 9, 3)),
    show("Infinity.Challenge.E500.161008.HDTV.mp4", "Infinity Challenge", None, 500, air_date=date(2016, 10, 8)),
    show("Pokémon - 119 - S03E20 - A Title.mkv", "Pokémon", 3, 20, episode_title="A Title"),
    show("[Group] Pokemon - 119 (S03E20) [1080p].mkv", "Pokemon", 3, 20),
    show("Naruto 119-120.mkv", "Naruto", None, 119, 120),
    show("Naruto - Episode 119 - The Title (Dub).mp4", "Naruto", None, 119, episode_title="The Title"),
    show("(Group) Naruto - 119.mkv", "Naruto", None, 119),
    show("{Group} Naruto - 119.mkv", "Naruto", None, 119),
    show("[Group][Subs] Naruto - 119 [1080p].mkv", "Naruto", None, 119),
    show("[Group] Naruto - 119a [1080p].mkv", "Naruto", None, 119),
    show("[Group] Naruto Complete [BD]/[Group] Naruto - 19.mkv", "Naruto", None, 19),
    show("Hannibal/S01D02/Hannibal E04.mkv", "Hannibal", 1, 4),
    show("Hannibal/第一季/01.mkv", "Hannibal", 1, 1),
    show("Hannibal/1. řada/01.mkv", "Hannibal", 1, 1),
    show("Hannibal/עונה 1/פרק 01.mkv", "Hannibal", 1, 1),
    show("Hannibal/الموسم 1/الحلقة 01.mkv", "Hannibal", 1, 1),
    show("Hannibal/T1/01.mkv", "Hannibal", 1, 1),
    show("Hannibal/S01 - Complete/E01.mkv", "Hannibal", 1, 1),
    show("Hannibal/Season 1 x265/01.mkv", "Hannibal", 1, 1),
    show("Hannibal/Season 1 German/01.mkv", "Hannibal", 1, 1),
    show("Hannibal/Season 1 DVDRip/01.mkv", "Hannibal", 1, 1),
    show("Hannibal - S01E01 - 1984.mkv", "Hannibal", 1, 1, episode_title="1984"),
    show("The.Tonight.Show.2014.03.04.720p.HDTV.x264-GRP/abc.mkv", "The Tonight Show", None, air_date=date(2014, 3, 4)),
    show("Tonight Show - 4th of March 2014.mkv", "Tonight Show", None, air_date=date(2014, 3, 4)),

    # Found by writing the titles of thousands of shows in every way
    show("Kids/Season 04/21 - Pilot.mkv", "Kids", 4, 21, episode_title="Pilot"),
    show("Special/Season 06/Special - 02.mkv", "Special", 6, 2),
    show("Halloween 3 - Season of the Witch/Season 06/05.mkv", "Halloween 3 - Season of the Witch", 6, 5),
    show("[Group] Name - 05 [12AB34E5].mkv", "Name", None, 5),
    show("Firefly/Firefly S01E01-E02 Serenity/firefly.avi", "Firefly", 1, 1, 2),
    show("Un.Village.Francais.S01E05.mkv", "Un Village Francais", 1, 5),
    show("p027.20E30S.emaN.wohS.mkv", "Show Name", 3, 2),
    show("Show.Name.25.12.99.mkv", "Show Name", None, air_date=date(1999, 12, 25)),
    show("Show Name - 05.5 [1080p].mkv", "Show Name", 0),

    # Found by reading the rules anew
    show("Batman.The.Animated.Series.1992.S01E01.On.Leather.Wings.mkv", "Batman The Animated Series", 1, 1, year=1992, other_titles=("Batman The Animated Series 1992",), episode_title="On Leather Wings"),
    show("Show/Show Series 2 - 05.mkv", "Show", 2, 5),
    show("MythBusters Season 2010/05 - Title.mkv", "MythBusters", 2010, 5, episode_title="Title"),
    show("24.US.S08E24.1080p.mkv", "24 US", 8, 24),
    show("[FFF] Highschool DxD - Vol 01/[FFF] Highschool DxD - 01 [BD].mkv", "Highschool DxD", None, 1),
    show("Show/Season 2 Part 2/Show - 14.mkv", "Show", 2, 14),
    show("Show/Season 3 Cour 2/Show - 14.mkv", "Show", 3, 14),
    show("Fargo.2.04.mkv", "Fargo", 2, 4),
    show("Westworld/westworld.3.1.720p.mkv", "Westworld", 3, 1),
    show("Show.S01E02.AAC.5.1.mkv", "Show", 1, 2),
    show("Show.E02.AAC.5.1.mkv", "Show", None, 2),
]

SHOW_FORMS_OF_EXTRAS = [
    extra("Clocks/Season 1/Gag Reel/a.mkv", ExtraType.OTHER, "Clocks", season=1),
    extra("Clocks/Bonus Material/a.mkv", ExtraType.OTHER, "Clocks"),
    extra("[Group] Toradora - Creditless Opening 1 [1080p].mkv", ExtraType.OTHER, "Toradora"),
    extra("Toradora/[Group] Toradora - Clean Ending [1080p].mkv", ExtraType.OTHER, "Toradora"),
    extra("Fargo/Season 2 Extras/foo.mkv", ExtraType.OTHER, "Fargo", season=2),
    extra("[Group] Naruto - Opening 1 [BD].mkv", ExtraType.OTHER, "Naruto"),
    extra("[Group] Naruto - Trailer 1 [BD].mkv", ExtraType.TRAILER, "Naruto"),
    extra("[Group] Naruto - PV [BD].mkv", ExtraType.TRAILER, "Naruto"),
]
# fmt: on
