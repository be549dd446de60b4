"""The catalogue: what there is to watch, and the files it is in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String, Table, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import ID_LENGTH, Base, Dated, Identified


class Library(Identified, Dated, Base):
    """A folder that the user made a library of, for one type of media."""

    __tablename__ = "libraries"
    __table_args__ = (UniqueConstraint("library_path", "library_type"),)

    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]
    poster_url: Mapped[str | None]
    backdrop_url: Mapped[str | None]
    is_library: Mapped[bool] = mapped_column(default=True)
    library_path: Mapped[str | None]
    library_type: Mapped[str | None]
    #: On which disk its folder was when its files were last reconciled, see ``worker.disks``.
    disk: Mapped[str | None]
    #: Which providers are asked about its titles, in their order; None: those in force, by their priority.
    providers: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("libraries.id", ondelete="SET NULL"))
    #: Whether changes in its folder are to be noticed; how that goes stands in its ``LibraryWatch``.
    watch: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: How often it is to be scanned in any case; None: only when somebody asks.
    scan_interval_minutes: Mapped[int | None]


class Media(Identified, Dated, Base):
    """A title: a film or a show. What only one of the two has stands in its own table."""

    __tablename__ = "media"
    __table_args__ = (
        # Each order in which ``shared.catalogue.browse`` lists titles.
        Index(None, "type", "created_at", "id"),
        Index("ix_media_type_sort_title_id", "type", text("substr(search_title, 1, 200)"), "id"),
        Index(None, "type", "release_date", "id"),
        Index(None, "type", "rating", "id"),
        Index(None, "match_status"),
        Index(None, "is_doubtful"),
    )

    type: Mapped[str]
    title: Mapped[str]
    original_title: Mapped[str | None]
    description: Mapped[str | None]
    release_date: Mapped[date | None]
    #: From 0 to 10.
    rating: Mapped[float | None]
    genres: Mapped[list[str]] = mapped_column(default=list)
    #: As the user's country has it, such as ``PG-13`` or ``FSK 12``.
    certification: Mapped[str | None]
    #: Who produced it, the first named first.
    studios: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    #: The films that it is one of: ``{"name", "externalId"}``; empty where it is none.
    collection: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: The titles as ``shared.catalogue.normal`` spells them; what a search looks through.
    search_title: Mapped[str]

    #: What the name of the folder or file said; the question that providers are asked.
    guessed_title: Mapped[str]
    guessed_year: Mapped[int | None]
    guessed_ids: Mapped[dict[str, Any]] = mapped_column(default=dict)
    match_status: Mapped[str]
    match_score: Mapped[float | None]
    #: The parts of the score, the runners-up, or why there is none.
    match_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Whether somebody should look at the match: another title was as near.
    is_doubtful: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: What the user said it is: ``{"source", "externalId"}`` or ``{"unmatch": true}``; empty where nobody did.
    chosen: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: What the user edited, and no provider overwrites; the names are those on the wire.
    locked_fields: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    #: When the providers were last asked.
    fetched_at: Mapped[datetime | None]
    #: A digest of what they were asked, and of who was asked how.
    asked_with: Mapped[str | None] = mapped_column(String(32))

    #: Where the pictures come from (https: or file:), and the ids under which they lie in the image cache.
    poster_source: Mapped[str | None]
    poster_image: Mapped[str | None] = mapped_column(String(32))
    backdrop_source: Mapped[str | None]
    backdrop_image: Mapped[str | None] = mapped_column(String(32))
    #: Four "#RRGGBB" made from the poster; empty until they are.
    palette: Mapped[list[str]] = mapped_column(default=list)
    #: When the poster last turned out to be unreadable.
    poster_failed_at: Mapped[datetime | None]

    movie: Mapped["Movie | None"] = relationship(back_populates="media", passive_deletes=True)
    tv_show: Mapped["TVShow | None"] = relationship(back_populates="media", passive_deletes=True)
    external_ids: Mapped[list["ExternalId"]] = relationship(passive_deletes=True, order_by="ExternalId.source")


class ExternalId(Base):
    """The id by which somebody else knows a title; no two titles of a type share one."""

    __tablename__ = "external_ids"
    __table_args__ = (Index(None, "media_id"),)

    type: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))


class MediaGenre(Base):
    """A genre of a title, to look titles up by; the list in its order is ``Media.genres``."""

    __tablename__ = "media_genres"

    #: As ``shared.catalogue.normal`` spells it.
    genre: Mapped[str] = mapped_column(primary_key=True)
    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True, index=True)


class MediaName(Base):
    """What files may call a title within a library; several names may mean the same title."""

    __tablename__ = "media_names"
    __table_args__ = (Index(None, "media_id"),)

    library_id: Mapped[str] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True)
    #: See ``worker.found.name_key``.
    key: Mapped[str] = mapped_column(primary_key=True)
    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))


class LibraryMedia(Base):
    """A title that a library holds."""

    __tablename__ = "library_media"
    __table_args__ = (Index(None, "media_id"),)

    library_id: Mapped[str] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)


class TitleCount(Base):
    """How many titles there are of a type, or in a library, so that no list needs to count them.

    Triggers, which the migrations make, keep it true whoever writes. A count is the sum of its slots: each connection
    of PostgreSQL counts in one of its own, so that transactions don't wait for each other.
    """

    __tablename__ = "title_counts"

    #: A type of media, or a library's id.
    counted: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    titles: Mapped[int]


class Movie(Identified, Base):
    """What only a film has."""

    __tablename__ = "movies"

    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), unique=True)
    #: Minutes.
    duration: Mapped[int | None]
    trailer_url: Mapped[str | None]

    media: Mapped[Media] = relationship(back_populates="movie")
    files: Mapped[list["MediaFile"]] = relationship(
        back_populates="movie", passive_deletes=True, order_by="MediaFile.path"
    )


class TVShow(Identified, Base):
    """What only a show has."""

    __tablename__ = "tv_shows"

    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), unique=True)
    creator: Mapped[str | None]
    network: Mapped[str | None]

    media: Mapped[Media] = relationship(back_populates="tv_show")
    seasons: Mapped[list["Season"]] = relationship(
        back_populates="tv_show", passive_deletes=True, order_by="Season.season_number"
    )


class Season(Identified, Base):
    """A season; specials are season 0."""

    __tablename__ = "seasons"
    __table_args__ = (UniqueConstraint("tv_show_id", "season_number"),)

    tv_show_id: Mapped[str] = mapped_column(ForeignKey("tv_shows.id", ondelete="CASCADE"))
    season_number: Mapped[int]
    name: Mapped[str | None]
    overview: Mapped[str | None]
    air_date: Mapped[date | None]
    poster_source: Mapped[str | None]
    poster_image: Mapped[str | None] = mapped_column(String(32))

    tv_show: Mapped[TVShow] = relationship(back_populates="seasons")
    episodes: Mapped[list["Episode"]] = relationship(
        back_populates="season", passive_deletes=True, order_by="Episode.episode_number"
    )


episode_files = Table(
    "episode_files",
    Base.metadata,
    Column("episode_id", String(ID_LENGTH), ForeignKey("episodes.id", ondelete="CASCADE"), primary_key=True),
    Column("file_id", String(ID_LENGTH), ForeignKey("media_files.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "file_id"),
)


class Episode(Identified, Base):
    """An episode; one file may hold several, and several files the same one."""

    __tablename__ = "episodes"
    __table_args__ = (UniqueConstraint("season_id", "episode_number"),)

    season_id: Mapped[str] = mapped_column(ForeignKey("seasons.id", ondelete="CASCADE"))
    episode_number: Mapped[int]
    title: Mapped[str]
    overview: Mapped[str | None]
    air_date: Mapped[date | None]
    #: Minutes.
    runtime: Mapped[int | None]
    still_source: Mapped[str | None]
    still_image: Mapped[str | None] = mapped_column(String(32))

    season: Mapped[Season] = relationship(back_populates="episodes")
    files: Mapped[list["MediaFile"]] = relationship(
        secondary=episode_files, back_populates="episodes", order_by="MediaFile.path"
    )


class Person(Identified, Base):
    """Somebody who made a title or plays in it. Who is spelled alike is taken for the same."""

    __tablename__ = "people"

    name: Mapped[str]
    #: As ``shared.catalogue.normal`` spells it.
    key: Mapped[str] = mapped_column(unique=True)

    credits: Mapped[list["Credit"]] = relationship(back_populates="person", passive_deletes=True)


class Credit(Base):
    """What a person did for a title."""

    __tablename__ = "credits"
    __table_args__ = (Index(None, "person_id"),)

    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    #: See ``shared.kinds.Role``.
    role: Mapped[str] = mapped_column(primary_key=True)
    character: Mapped[str | None]
    #: Where it stands in the list of credits; 0 comes first.
    position: Mapped[int]

    media: Mapped[Media] = relationship()
    person: Mapped[Person] = relationship(back_populates="credits")


class SearchText(Base):
    """What a search looks through: one row for each title, episode or person, which exactly one of the ids names.

    Its words have an index: on PostgreSQL by the function ``search_vector``, on SQLite in a full-text table that
    triggers keep. Both are made by the migrations.
    """

    __tablename__ = "search_texts"

    #: A number: the full-text table of SQLite refers to it.
    id: Mapped[int] = mapped_column(primary_key=True)
    media_id: Mapped[str | None] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), unique=True)
    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"), unique=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    #: Every name by which it may be asked for, as ``shared.catalogue.search_text`` lays them out.
    text: Mapped[str]


class SearchWord(Base):
    """A word that some name has, or had; rarely twice.

    On PostgreSQL a trigram index stands on it where the extension is to be had; on SQLite a full-text table of trigrams
    follows this one by triggers.
    """

    __tablename__ = "search_words"
    __table_args__ = (Index(None, "word"),)

    #: A number: the full-text table of SQLite refers to it.
    id: Mapped[int] = mapped_column(primary_key=True)
    #: With a space on both sides, as a text has it.
    word: Mapped[str]


class MediaFile(Identified, Base):
    """A video file on disk. The server reads it and never changes it."""

    __tablename__ = "media_files"
    __table_args__ = (
        UniqueConstraint("library_id", "path"),
        Index(None, "folder_id"),
        Index(None, "movie_id"),
        Index(None, "size"),
        Index(None, "library_id", "owner_key"),
        Index(None, "library_id", "owner_folder"),
        Index(None, "library_id", "is_unseen"),
        Index(None, "library_id", "missing_since"),
        Index(None, "missing_since"),
    )

    library_id: Mapped[str] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    folder_id: Mapped[str | None] = mapped_column(ForeignKey("scan_folders.id", ondelete="SET NULL"))
    movie_id: Mapped[str | None] = mapped_column(ForeignKey("movies.id", ondelete="CASCADE"))
    #: Absolute.
    path: Mapped[str]
    #: Bytes.
    size: Mapped[int] = mapped_column(BigInteger)
    modified_at: Mapped[datetime]
    edition: Mapped[str | None]
    part: Mapped[int | None]
    #: What the name said, and where each part of it stood; see ``worker.record.guesses``.
    guess: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: What an extra is, see ``shared.kinds.ExtraType``; None for what is watched by itself.
    extra_type: Mapped[str | None]
    #: Whose extra it is: by the name of its title, see ``MediaName.key``, or by the folder that is the title's own.
    owner_key: Mapped[str | None]
    owner_folder: Mapped[str | None]
    #: Subtitles that lie beside it, each ``{"path", "format", "language", "title", "forced", "hearingImpaired",
    #: "default"}``.
    subtitles: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    #: A digest of its size, head and tail, by which it is known again after a move; None until somebody looked.
    fingerprint: Mapped[str | None] = mapped_column(String(32))
    #: What ``worker.probe`` found; empty until it looked, with ``error`` when it could not read it.
    probe: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Whether a scan did not find it where it was: it becomes missing when that scan reconciles, if nothing speaks
    #: against it.
    is_unseen: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Since when it is known to be gone from the disk.
    missing_since: Mapped[datetime | None]
    created_at: Mapped[datetime]

    movie: Mapped[Movie | None] = relationship(back_populates="files")
    episodes: Mapped[list[Episode]] = relationship(secondary=episode_files, back_populates="files")
