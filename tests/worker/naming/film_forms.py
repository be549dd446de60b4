"""What names among films mean, in forms that are rarer than those of ``film_names``: a line for each."""

from shared.kinds import ExtraType
from tests.worker.naming.cases import extra, film

# One case a line, however long.
# fmt: off
# ruff: noqa: E501, RUF001
FILM_FORMS = [
    film("Inception TS 2010.avi", "Inception", 2010),
    film("www.site.com.Inception.2010.mkv", "Inception", 2010),
    film("Charlottes.Web.1080p.BluRay.mkv", "Charlottes Web"),
    film("Alien 1979 Version Longue French.mkv", "Alien", 1979, edition="Version Longue"),
    film("Das.Leben.der.Anderen.German.2006.AC3.DVDRip.x264.mkv", "Das Leben der Anderen", 2006, other_titles=("Das Leben der Anderen German",)),
    film("Inglourious.Basterds.German.2009.DL.1080p.BluRay.mkv", "Inglourious Basterds", 2009, other_titles=("Inglourious Basterds German",)),
    film("Kingdom.of.Heaven.2005.Directors.Cut.Roadshow.Version.1080p.mkv", "Kingdom of Heaven", 2005, edition="Director's Cut Roadshow Version"),
    film("Robocop.1987.UNRATED.DC.1080p.mkv", "Robocop", 1987, edition="Unrated Director's Cut"),
    film("Superbad UNRATED (2007).mkv", "Superbad", 2007, edition="UNRATED"),
    film("Troy (2004)/Troy (2004) - 1 of 2.mkv", "Troy", 2004, part=1),
    film("Troy (2004)/Troy (2004) - Disc One.mkv", "Troy", 2004, part=1),
    film("Troy (2004) CD1/Troy.avi", "Troy", 2004, part=1),
    film("The.Collection.2012.1080p.BluRay-GRP/grp-col.mkv", "The Collection", 2012),
    film("Enter.the.Void.FRENCH.2009.DVDRip.XviD.avi", "Enter the Void", 2009),
    film("Enter.the.Void.LIMITED.2009.DVDRip.avi", "Enter the Void", 2009),
    film("Enter.the.Void.LIMITED.DVDRip.XviD-GRP.avi", "Enter the Void"),
    film("Enter.the.Void.PL.DVDRip.avi", "Enter the Void"),
    film("Ｅｎｔｅｒ ｔｈｅ Ｖｏｉｄ （２００９）.mkv", "Enter the Void", 2009),
    film("Enter the Void（2009）.mkv", "Enter the Void", 2009),
    film("Enter+the+Void+2009+1080p.mkv", "Enter the Void", 2009),
    film("Enter%20the%20Void%20(2009).mkv", "Enter the Void", 2009),
    film("Der.Maschinist.German.Bluray.1080p.x264-PsO.mkv", "Der Maschinist"),
    film("Der.Maschinist.German.AC3.1080p.mkv", "Der Maschinist"),
    film("Robin.Hood.2010.UNRATED.DC.mkv", "Robin Hood", 2010, edition="Unrated Director's Cut"),
    film("Batman Collection (1989-1997)/Batman (1989).mkv", "Batman", 1989),
    film("IMDb Top 250/001 - The Shawshank Redemption (1994).mkv", "The Shawshank Redemption", 1994),
    film("The Machinist/VIDEO_TS/VIDEO_TS.IFO", "The Machinist"),
    film("The Machinist (2004) DISC 1/BDMV/STREAM/00000.m2ts", "The Machinist", 2004, part=1),
    film("The Machinist (2004)/machinist.part.1.avi", "The Machinist", 2004, other_titles=("machinist part 1",), part=1),
    film("The Machinist (2004)/The Machinist (2004) Part Two.avi", "The Machinist", 2004, part=2),
    film("The Machinist (2004)/The Machinist (2004) - Part II.avi", "The Machinist", 2004, part=2),
    film("Mad Max - Fury Road (2015) Black & Chrome.mkv", "Mad Max - Fury Road", 2015, other_titles=("Fury Road",), edition="Black & Chrome"),
    film("Once.Upon.a.Time.in.America.1984.EXTENDED.DC.1080p.mkv", "Once Upon a Time in America", 1984, edition="Extended Director's Cut"),
    film("Léon - Version Intégrale (1994).mkv", "Léon", 1994, edition="Version Intégrale"),
    film("Léon (1994) - Version longue.mkv", "Léon", 1994, edition="Version longue"),
    film("Leon.1994.VERSION.LONGUE.FRENCH.mkv", "Leon", 1994, edition="Version Longue"),
    film("The Machinist/1.mkv", "The Machinist"),
    film("El.Maquinista.SPANISH.ESPAÑOL.mkv", "El Maquinista"),
    film("The Machinist (USA 2004).mkv", "The Machinist", 2004),
    film("The Machinist (2004 USA).mkv", "The Machinist", 2004),
    film("The Machinist (2004) (USA).mkv", "The Machinist", 2004),
    film("The Machinist (Brad Anderson 2004).mkv", "The Machinist", 2004),
    film("The.Machinist.MA.WEB-DL.1080p.mkv", "The Machinist"),
    film("The.Machinist.Hybrid.1080p.BluRay.mkv", "The Machinist"),
    film("The Machinist HD.mkv", "The Machinist"),
    film("The Machinist VF.avi", "The Machinist"),

    # Found by writing the titles of thousands of films in every way
    film("Spy.Kids.2001.1080p.BluRay.x264-GRP/grp-spy.1080p.mkv", "Spy Kids", 2001),
    film("Across.the.Universe.2007.1080p.BluRay.x264-GRP/0a9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c.mkv", "Across the Universe", 2007),
    film("The.Matrix.German.1999.BluRay.x264-GRP.mkv", "The Matrix German", 1999, other_titles=("The Matrix",)),
    film("The.Matrix.German.DL.1999.BluRay.x264-GRP.mkv", "The Matrix", 1999),
    film("Dune (1984) - Extended TV Version.mkv", "Dune", 1984, edition="Extended TV Version"),
    film("The Repack (2018).mkv", "The Repack", 2018),
    film("The.Italian.2005.MULTi.VFF.1080p.BluRay.x264.mkv", "The Italian", 2005),
    film("Johnny.English.2003.1080p.mkv", "Johnny English", 2003),
    film("South.Park.Bigger.Longer.and.Uncut.1999.1080p.BluRay.x264-GRP.mkv", "South Park Bigger Longer and Uncut", 1999),
    film("Class.of.1984.1080p.BluRay.x264-GRP.mkv", "Class of 1984"),
    film("Class of 1984/Class of 1984.mkv", "Class of 1984"),
    film("Marvel Cinematic Universe/04 Thor (2011)/Thor.mkv", "Thor", 2011),
    film("Oppenheimer 2023 HQ CAM.mkv", "Oppenheimer", 2023),
]

FILM_FORMS_OF_EXTRAS = [
    extra("Gravity (2013)/Gravity-extras.mkv", ExtraType.OTHER, "Gravity", 2013),
    extra("Enter the Void (2009)/Enter the Void Teaser.mkv", ExtraType.TRAILER, "Enter the Void", 2009),
    extra("Enter the Void (2009)/Enter the Void - Trailer (HD).mkv", ExtraType.TRAILER, "Enter the Void", 2009),
    extra("Enter the Void (2009)/Trailer 1080p.mkv", ExtraType.TRAILER, "Enter the Void", 2009),
    extra("Enter.the.Void.2009.Sample-GRP.mkv", ExtraType.SAMPLE, "Enter the Void", 2009),
    extra("The Machinist (2004)/The Machinist Official Trailer #1 (2004).mp4", ExtraType.TRAILER, "The Machinist", 2004),
    extra("The.Machinist.2004.1080p-GRP/the.machinist.2004.1080p-sample-grp.mkv", ExtraType.SAMPLE, "The Machinist", 2004),
    extra("The.Machinist.2004.1080p-GRP/RARBG.com.mp4", ExtraType.OTHER, "The Machinist", 2004),
]
# fmt: on
