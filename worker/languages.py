"""Languages as people write them: ``en``, ``ger``, ``pt-BR``, ``Brazilian Portuguese``, ``Deutsch``."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from babelfish import COUNTRIES, COUNTRY_MATRIX, LANGUAGE_MATRIX, SCRIPTS

#: What languages call themselves, and other words for them that ISO 639 lacks.
_OTHER_NAMES = {
    "ar": "العربية, عربي",
    "bg": "български",
    "bn": "বাংলা, bangla",
    "bs": "bosanski",
    "ca": "català, valencian, valencià",
    "cmn": "mandarin",
    "cs": "čeština, česky, český, cz",
    "da": "dansk, dk",
    "de": "deutsch",
    "el": "ελληνικά, gr",
    "es": "español, castellano, castilian, esp",
    "es-419": "latino, español latino, español latinoamericano, latam",
    "et": "eesti",
    "eu": "euskara, euskera",
    "fa": "فارسی, farsi",
    "fi": "suomi",
    "fil": "pilipino",
    "fr": "français",
    "ga": "gaeilge",
    "gl": "galego",
    "he": "עברית",
    "hi": "हिन्दी, हिंदी",
    "hr": "hrvatski, scr",
    "hu": "magyar",
    "hy": "հայերեն",
    "id": "bahasa indonesia",
    "is": "íslenska",
    "it": "italiano",
    "ja": "日本語, jp",
    "ka": "ქართული",
    "kk": "қазақ, қазақша",
    "km": "khmer, ខ្មែរ",
    "kn": "ಕನ್ನಡ",
    "ko": "한국어, 조선말",
    "lt": "lietuvių",
    "lv": "latviešu",
    "mk": "македонски",
    "ml": "മലയാളം",
    "mr": "मराठी",
    "ms": "bahasa melayu, bahasa malaysia",
    "nb": "bokmål, norsk bokmål",
    "nl": "nederlands, flemish, vlaams",
    "nn": "nynorsk, norsk nynorsk",
    "no": "norsk",
    "pa": "punjabi, ਪੰਜਾਬੀ",
    "pl": "polski",
    "pt": "português",
    "pt-BR": "brazilian, brasileiro, português brasileiro, ptbr, pob, pb",
    "ro": "română",
    "ru": "русский",
    "sk": "slovenčina, slovensky",
    "sl": "slovenščina, slovensko",
    "sq": "shqip",
    "sr": "srpski, српски, scc",
    "sv": "svenska",
    "ta": "தமிழ்",
    "te": "తెలుగు",
    "th": "ไทย",
    "tr": "türkçe",
    "uk": "українська, ua",
    "ur": "اردو",
    "vi": "tiếng việt",
    "yue": "cantonese, 粵語, 粤语",
    "zh": "中文, 汉语, 漢語, cn",
    "zh-Hans": "简体中文, 简体, chs",
    "zh-Hant": "繁體中文, 繁體, 繁体中文, 繁体, cht, zht",
}
#: Words beside a name that say which kind of it; countries come from ISO 3166.
_OTHER_KINDS = {
    "419": "latin american, latin america, latinoamericano, latinoamérica, latam, latino",
    "AT": "austrian",
    "AU": "australian",
    "BE": "belgian",
    "BR": "brazilian, brasil, brasileiro",
    "CA": "canadian, canadien, québécois",
    "CH": "swiss, schweiz, suisse",
    "Cyrl": "cyrillic",
    "DE": "deutschland",
    "ES": "españa, castilian",
    "GB": "british, uk",
    "HK": "hong kong",
    "Hans": "simplified",
    "Hant": "traditional",
    "Latn": "latin",
    "MX": "mexican, méxico",
    "TW": "taiwan, taiwanese",
    "US": "american, usa",
}
#: For the two languages of which people say "European" or "Iberian", that is where they come from.
_AT_HOME = {("pt", "european"): "PT", ("es", "european"): "ES", ("pt", "iberian"): "PT", ("es", "iberian"): "ES"}

_CODE = re.compile(r"(?P<language>[a-z]{2,3})(?: (?P<script>[a-z]{4}))?(?: (?P<region>[a-z]{2}|419))?")
_QUALIFIED = re.compile(r"Modern | \(.*\)\Z|\A(?:Standard|Central) ")
#: Words of a name in a sentence are at least this long: ``Lao`` and ``esp`` may be anything, ``Thai`` is Thai.
_CLEAR = 4
_MOST_WORDS = 4


def tag(words: Sequence[str]) -> str | None:
    """Return the BCP 47 tag that these words are, all together: ``("Portuguese", "Brazil")`` is ``pt-BR``.

    Codes are those of ISO 639-1 and 639-2; the tag has the shortest one, and that of ISO 639-3 where there is no other.
    """
    if not 0 < len(words) <= _MOST_WORDS:
        return None
    text = " ".join(map(_folded, words))
    return _of_code(text) or _of_name(text)


def within(words: Sequence[str]) -> tuple[int, int, str] | None:
    """Find the last and longest name of a language among words: where it begins, where it ends, and its tag.

    Codes don't count, nor rare languages: ``no`` and ``it`` in a sentence are none, and ``Slave`` there is no language
    of Canada.
    """
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - _MOST_WORDS), end):
            folded = [_folded(word) for word in words[start:end]]
            clear = all(len(word) >= _CLEAR or not word.isascii() for word in folded)
            if clear and (found := _of_name(" ".join(folded))) and _is_common(found):
                return start, end, found
    return None


def _of_code(text: str) -> str | None:
    found = _CODE.fullmatch(text)
    if not found or found["language"] not in _CODES:
        return None
    script, region = (found["script"] or "").capitalize(), (found["region"] or "").upper()
    if (script and script not in SCRIPTS) or (region and region != "419" and region not in COUNTRIES):
        return None
    return "-".join(filter(None, (_CODES[found["language"]], script, region)))


def _of_name(text: str) -> str | None:
    if text in _NAMES:
        return _NAMES[text]
    words = text.split(" ")
    for cut in range(1, len(words)):
        first, last = " ".join(words[:cut]), " ".join(words[cut:])
        for name, kind in ((first, last), (last, first)):
            language = _NAMES.get(name)
            if language and (subtag := _AT_HOME.get((language, kind)) or _KINDS.get(kind)):
                return f"{language}-{subtag}"
    return None


def _is_common(found: str) -> bool:
    language = found.partition("-")[0]
    return len(language) == len("en") or language in _OTHER_NAMES


def _folded(text: str) -> str:
    """Make ``Français``, ``FRANCAIS`` and ``francais`` one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _codes() -> Iterator[tuple[str, str]]:
    """Of ISO 639-2, and no further: of the 7,800 codes of ISO 639-3 too many are English words."""
    for language in LANGUAGE_MATRIX:
        if language.alpha3b:
            short = language.alpha2 or language.alpha3
            yield from ((code, short) for code in (language.alpha3, language.alpha3b, language.alpha2) if code)
    yield from ((code, code) for code in _OTHER_NAMES if "-" not in code)


def _names() -> Iterator[tuple[str, str]]:
    for language in LANGUAGE_MATRIX:
        if language.alpha3b and language.scope != "S":
            short = language.alpha2 or language.alpha3
            yield _folded(language.name), short
            yield _folded(_QUALIFIED.sub("", language.name)), short
    for short, names in _OTHER_NAMES.items():
        yield from ((_folded(name), short) for name in names.split(", "))


def _kinds() -> Iterator[tuple[str, str]]:
    for country in COUNTRY_MATRIX:
        yield _folded(country.name), country.alpha2
        yield country.alpha2.casefold(), country.alpha2
    for subtag, names in _OTHER_KINDS.items():
        yield from ((_folded(name), subtag) for name in names.split(", "))


_CODES = dict(_codes())
_NAMES = dict(_names())
_KINDS = dict(_kinds())
