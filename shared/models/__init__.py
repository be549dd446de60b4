"""Tables only: what they hold, and no behaviour."""

from shared.models.accounts import ApiKey, SignIn, SigningKey, User
from shared.models.base import Base
from shared.models.catalogue import (
    Credit,
    Episode,
    ExternalId,
    Library,
    LibraryMedia,
    Media,
    MediaFile,
    MediaGenre,
    MediaName,
    Movie,
    Person,
    SearchText,
    SearchWord,
    Season,
    TitleCount,
    TVShow,
    episode_files,
)
from shared.models.configuration import ProviderRow, QueueControl, Setting
from shared.models.scanning import Enrichment, Failure, ScanFolder, ScanJob
from shared.models.watching import LibraryWatch

__all__ = [
    "ApiKey",
    "Base",
    "Credit",
    "Enrichment",
    "Episode",
    "ExternalId",
    "Failure",
    "Library",
    "LibraryMedia",
    "LibraryWatch",
    "Media",
    "MediaFile",
    "MediaGenre",
    "MediaName",
    "Movie",
    "Person",
    "ProviderRow",
    "QueueControl",
    "ScanFolder",
    "ScanJob",
    "SearchText",
    "SearchWord",
    "Season",
    "Setting",
    "SignIn",
    "SigningKey",
    "TVShow",
    "TitleCount",
    "User",
    "episode_files",
]
