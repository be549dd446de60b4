"""What the values in the OpenAPI document look like: an example for every property that has none of its own."""

from typing import Any

_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
_FILE = "/media/movies/The Matrix (1999)/The Matrix (1999).mkv"

#: By the name of the property, or of schema and property where the name alone says too little.
EXAMPLES: dict[str, Any] = {
    "backdropUrl": "http://localhost:3001/api/v1/image/1b6453892473a467d07372d45eb05abc",
    "batchItemComplete": {"folderName": "The Matrix (1999)", "itemsSaved": 1, "totalItems": 300},
    "certification": "PG-13",
    "cleanedCount": 2,
    "count": 3,
    "creator": "David Simon",
    "current": 120,
    "currentBatch": 3,
    "description": "A hacker learns what the world is made of.",
    "directoryPattern": None,
    "duration": 136,
    "edition": "Director's Cut",
    "episodeNumber": 1,
    "error": None,
    "etaSeconds": 95,
    "failedFolders": 1,
    "failureCount": 1,
    "fetchedTitles": 120,
    "filenamePattern": None,
    "foldersPerSecond": 20.5,
    "filePath": _FILE,
    "height": 1080,
    "libraryName": "Movies",
    "libraryPath": "/media/movies",
    "libraryType": "MOVIE",
    "limit": 10,
    "logger": "worker.progress",
    "lookedIntoFolders": 110,
    "matchReason": None,
    "matchScore": 0.98,
    "maxDepth": None,
    "mediaCount": 300,
    "mediaType": "movie",
    "message": "The scan has begun.",
    "meta": {"source": "metadata", "scanJobId": _ID},
    "name": "Movies",
    "namedFolders": 300,
    "network": "HBO",
    "offset": 0,
    "originalTitle": "The Matrix",
    "overview": "A case begins with a murder.",
    "page": 1,
    "parentId": None,
    "part": None,
    "path": "/media/movies",
    "percentComplete": 42,
    "phase": "fetching-metadata",
    "port": 3001,
    "posterUrl": "http://localhost:3001/api/v1/image/9e107d9d372bb6826bd81d3542a419d6",
    "processedFolders": 120,
    "progress": 42,
    "queuePosition": 2,
    "rating": 8.2,
    "removedCount": 1,
    "runtime": 58,
    "seasonNumber": 1,
    "settledTitles": 110,
    "slug": "movies",
    "staleCount": 1,
    "stillUrl": "http://localhost:3001/api/v1/image/e4d909c290d0fb1ca068ffaddf22cbd0",
    "streamUrl": f"http://localhost:3001/api/v1/stream/{_ID}",
    "timestamp": "2026-01-31T12:00:00.000Z",
    "title": "The Matrix",
    "titlesPerSecond": 32.8,
    "tmdbApiKey": "0123456789abcdef0123456789abcdef",
    "total": 300,
    "totalBatches": 8,
    "totalFolders": 300,
    "totalItems": 300,
    "totalPages": 30,
    "totalTitles": 300,
    "trailerUrl": "https://www.youtube.com/watch?v=vKQi3bBA1y8",
    "uptime": 86400.5,
    "waitingFor": "TMDB asks to wait 7 s",
    "width": 1920,
    "ConnectionEstablishedMessage.message": "Connected to the media server.",
    "Episode.title": "The Target",
    "Failure.message": "The file holds no video.",
    "File.duration": 8160.0,
    "MediaTypeDepth.movie": 2,
    "MediaTypeDepth.tv": 4,
    "ScanCompleteMessage.message": "300 titles in the library",
    "ScanErrorMessage.error": "The library's folder can't be read: No such file or directory.",
    "ScanPausedMessage.message": "The scan is paused. Resume it to go on with it.",
    "ScanProgressMessage.message": "Asking the metadata providers",
    "Season.name": "Season 1",
}


def give_examples(schemas: dict[str, Any]) -> None:
    """Put an example on every property of these schemas that holds a plain value and has none."""
    for schema_name, schema in schemas.items():
        for name, known in schema.get("properties", {}).items():
            types = known.get("type", [])
            types = {types} if isinstance(types, str) else set(types)
            says_enough = {"$ref", "enum", "const", "example", "anyOf"} & known.keys()
            is_plain = not (says_enough or {"array", "boolean"} & types)
            example = EXAMPLES.get(f"{schema_name}.{name}", EXAMPLES.get(name, _ID if _is_id(name) else _NONE))
            if is_plain and example is not _NONE:
                known["example"] = example


#: None is an example, too.
_NONE = object()


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("Id")
