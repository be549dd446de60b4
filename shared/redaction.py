"""What must not be read in a log: keys, tokens, passwords."""

import re

#: Names whose values are secret, also as a part of a longer name: ``tmdbApiKey``, ``X-API-Key``, ``access_token``.
_NAMES = r"(?:api[_-]?key|token|passwo?r?d|secret|authorization|cookie)"
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
#: Films are called "The Secret: …"; names of values are spelt ``secret``, ``CLIENT_SECRET``, ``clientSecret``.
_NO_FILM = r"(?-i:secret|SECRET|(?<=[\w-])Secret)"

#: Every repetition has a bound, so that no text, however it is made, takes long.
_SECRETS = (
    # "apiKey": "…" as JSON and Python write it, also within another string: \"apiKey\": \"…\"
    (
        re.compile(rf"(?i)({_NAMES}\\{{0,4}}[\"']\s{{0,4}}:\s{{0,4}})(\\{{0,4}}[\"'])(?:\\.|[^\\]){{0,4000}}?\2"),
        r"\1\2***\2",
    ),
    # password='two words', as connection strings have it
    (re.compile(rf"(?i)({_NAMES}\s{{0,4}}[:=]\s{{0,4}})([\"'])(?:\\.|[^\\]){{0,4000}}?\2"), r"\1\2***\2"),
    (re.compile(rf"(?i)({_NAMES}=)[^&\s\"',;)}}\]]+"), r"\1***"),
    # What makes a URL of ours good by itself
    (re.compile(r"([?&](?:sig|ticket)=)[\w-]+"), r"\1***"),
    # Authorization: Bearer …, Cookie: …; X-API-Key: …
    (re.compile(r"(?i)\b(authorization|cookie)(:\s{0,4})[^\r\n\"']{1,4000}"), r"\1\2***"),
    (
        re.compile(
            rf"(?i)(api[_-]?key|{_NO_FILM}|passwo?r?d|(?:access|refresh|auth)[_-]?token)(:\s{{0,4}})[^\s\"',;]+"
        ),
        r"\1\2***",
    ),
    (re.compile(r"(?i)\b(bearer)\s{1,4}[\w.~+/-]+=*"), r"\1 ***"),
    # A JSON Web Token, as TMDB's v4 tokens are, wherever it stands
    (re.compile(r"\beyJ[\w-]{10,}(?:\.[\w-]*){0,2}"), "***"),
    # SECRETS_KEY, and what was sealed with it: of no use to others, and long
    (re.compile(r"(?i)(secrets_key\s{0,4}[=:]\s{0,4})[\"']?[\w+/=,-]{1,4000}[\"']?"), r"\1***"),
    (re.compile(r"sealed:v1:[\w=-]{1,100000}"), "sealed:***"),
    # What a password is kept as, and our own API keys
    (re.compile(r"\$argon2[a-z]{1,2}\$[\w$=,+/.-]{1,500}"), "***"),
    (re.compile(r"\bdester_[\w-]{20,200}"), "dester_***"),
    # redis://:password@host; the password may hold anything but blanks
    (re.compile(r"(://[^\s:/\"']{0,300}):\S{1,300}@"), r"\1:***@"),
)

#: One of these stands in whatever a pattern above finds. Most lines have none of them, and are spared the patterns.
_MARKS = (
    *("apikey", "api_key", "api-key", "token", "passw", "secret", "authorization", "cookie", "bearer"),
    *("sig=", "ticket=", "eyj", "sealed:", "$argon2", "dester_", "://"),
)


def redacted(text: str) -> str:
    """Return a text without the keys in it."""
    # The patterns take a dotted capital I and a dotless small one for an i.
    folded = text.casefold().replace("\u0307", "").replace("\u0131", "i")
    if not any(mark in folded for mark in _MARKS):
        return text
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def is_secret(name: str) -> bool:
    """Whether a value of this name must not be shown at all."""
    return _SECRET_NAME.search(name) is not None
