"""The words of the field that database, wire and workers share."""

from enum import StrEnum


class MediaType(StrEnum):
    """What a title is; the values are those on the wire."""

    MOVIE = "MOVIE"
    TV_SHOW = "TV_SHOW"
    MUSIC = "MUSIC"
    COMIC = "COMIC"


class Source(StrEnum):
    """Who gave a title its id; the values are those on the wire."""

    TMDB = "TMDB"
    IMDB = "IMDB"
    TVDB = "TVDB"
    TVMAZE = "TVMAZE"


class ProviderName(StrEnum):
    """Who is asked about titles; the values are those on the wire."""

    NFO = "nfo"
    TMDB = "tmdb"
    TVMAZE = "tvmaze"


class MatchStatus(StrEnum):
    """How sure we are what a title is."""

    #: Nobody has been asked yet; the title is the one its file name says.
    PENDING = "pending"
    #: A provider confirmed it.
    MATCHED = "matched"
    #: Every provider was asked and none knew it well enough.
    UNMATCHED = "unmatched"


class Role(StrEnum):
    """What a person did for a title."""

    ACTOR = "actor"
    DIRECTOR = "director"
    WRITER = "writer"
    CREATOR = "creator"


class PictureKind(StrEnum):
    """What a picture shows."""

    POSTER = "poster"
    BACKDROP = "backdrop"
    STILL = "still"


class ExtraType(StrEnum):
    """What an extra is; extras stay out of the catalogue."""

    TRAILER = "trailer"
    SAMPLE = "sample"
    FEATURETTE = "featurette"
    BEHIND_THE_SCENES = "behindthescenes"
    DELETED_SCENE = "deleted"
    INTERVIEW = "interview"
    SCENE = "scene"
    SHORT = "short"
    THEME = "theme"
    OTHER = "other"


class UserRole(StrEnum):
    """What a user may do; each may do what those before it may."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"


class Scope(StrEnum):
    """A kind of thing that can be done; each route belongs to one."""

    #: Browse and search, hear what goes on.
    READ = "read"
    #: Play files, see pictures.
    STREAM = "stream"
    #: Begin, pause and end scans.
    SCAN = "scan"
    #: Make and change libraries, match and edit titles.
    MANAGE = "manage"
    #: Read the measurements.
    METRICS = "metrics"
    #: Everything, also what has no other scope: settings, providers, users, keys, queues, the log, removing.
    ADMIN = "admin"
