"""How titles are spelled when case, accents and punctuation don't count: an example a line."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.catalogue.normal import normalised


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("", ""),
        ("   ", ""),
        ("!?…—", "!?…—"),
        ("Heat", "heat"),
        ("HEAT", "heat"),
        ("Amélie", "amelie"),
        ("Ame\u0301lie", "amelie"),
        ("Amélie!", "amelie"),
        ("ÀÉÎÕÜÇÑ", "aeioucn"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("STRAẞE", "strasse"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("Đorđe", "dorde"),
        ("Æon Flux", "aeon flux"),
        ("Cœur", "coeur"),
        ("Þór", "thor"),
        ("Garðar", "gardar"),
        ("İstanbul", "istanbul"),
        ("K\u0131rm\u0131z\u0131", "kirmizi"),
        ("Ёлки", "елки"),
        ("ёлки", "елки"),
        ("\u0435\u0308лки", "елки"),
        ("ЕЛКИ", "елки"),
        ("Ｍａｔｒｉｘ　１９９９", "matrix 1999"),  # noqa: RUF001 - full-width
        ("ﬁlm", "film"),
        ("Ⅳ", "iv"),
        ("Se7en", "se7en"),
        ("Alien³", "alien 3"),
        ("8½", "8 1 2"),
        ("Naked Gun 33⅓", "naked gun 33 1 3"),
        ("WALL·E", "wall e"),
        ("Spider-Man: No Way Home", "spider man no way home"),
        ("Ocean\u2019s Eleven", "oceans eleven"),
        ("Ocean's Eleven", "oceans eleven"),
        ("  The   Wire\t(2002)\n", "the wire 2002"),
        ("千と千尋の神隠し", "千と千尋の神隠し"),
        ("ﾄﾄﾛ", "トトロ"),
        ("기생충", "기생충"),
        ("दिल", "दिल"),
        ("दाल", "दाल"),
        ("バス", "バス"),
        ("パス", "パス"),
        ("น้ำ", unicodedata.normalize("NFKD", "น้ำ")),
        ("Fast & Furious", "fast and furious"),
        ("S.W.A.T.", "swat"),
        ("M*A*S*H", "mash"),
        ("Αμελί", "αμελι"),
        ("50%_off", "50 off"),
        ("a\0b", "ab"),
        ("😀", "😀"),
        ("Ǽon", "aeon"),
        ("Ǿ", "o"),
        ("Dune™", "dunetm"),
        ("\U0001d407\U0001d41e\U0001d41a\U0001d42d", "heat"),
        ("Σαΐνης ΆΈΉ", "σαινησ αεη"),
        ("Ὀδύσσεια", "οδυσσεια"),
        ("Йога", "иога"),
        ("ї", "\u0456"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("إسلام", "اسلام"),
        ("آدم", "ادم"),
        ("ٱلرحمن", "الرحمن"),
        ("مـــحمد", "محمد"),
        ("مدرسة", "مدرسه"),
        ("على", "علي"),
        ("علی", "علي"),
        ("کتاب", "كتاب"),
        ("رؤيا", "رويا"),
        ("שָׁלוֹם", "שלום"),
        ("צ\u05f3ק", "צק"),
        ("תל־אביב", "תל אביב"),
        ("Spi\u00adder", "spider"),
        ("क\u094d\u200dष", "क\u094dष"),
        ("หนังสือ", "หนังสือ"),
        ("Ｓｐｉｄｅｒ", "spider"),  # noqa: RUF001 - full-width
    ],
)
def test_a_title_is_spelled_plainly(text: str, spelling: str) -> None:
    assert normalised(text) == spelling


@given(st.text())
@example("Ǽ")
@example("Dune™")
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    once = normalised(text)

    assert normalised(once) == once


@given(st.text())
def test_however_a_text_is_composed_and_in_whatever_case_it_is_the_same_title(text: str) -> None:
    spelling = normalised(text)

    for form in ("NFC", "NFD"):
        assert normalised(unicodedata.normalize(form, text)) == spelling


@given(st.text())
def test_a_spelling_holds_no_punctuation_unless_that_is_all_there_is(text: str) -> None:
    spelling = normalised(text)

    assert spelling == " ".join(spelling.split())
    if any(character.isalnum() for character in spelling):
        assert not any(unicodedata.category(character)[0] in "PS" for character in spelling)
