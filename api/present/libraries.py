"""Libraries as clients read them."""

from typing import Any

from api.fields import instant
from shared.catalogue.library_removal import Removed
from shared.catalogue.library_statistics import Statistics
from shared.catalogue.missing import MissingFile
from shared.models import Library, LibraryWatch
from shared.watches import Standing, WatchState

Json = dict[str, Any]


def library(row: Library, media_count: int) -> Json:
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "description": row.description,
        "posterUrl": row.poster_url,
        "backdropUrl": row.backdrop_url,
        "isLibrary": row.is_library,
        "libraryPath": row.library_path,
        "libraryType": row.library_type,
        "parentId": row.parent_id,
        "providers": row.providers,
        "watch": row.watch,
        "scanIntervalMinutes": row.scan_interval_minutes,
        "createdAt": instant(row.created_at),
        "updatedAt": instant(row.updated_at),
        "mediaCount": media_count,
    }


def watching(standing: Standing, watch: LibraryWatch | None) -> Json:
    is_known = watch is not None and standing.state is not WatchState.OFF
    return {
        "state": standing.state,
        "reason": standing.reason,
        "message": standing.message,
        "since": instant(watch.since) if watch and is_known else None,
        "lastEventAt": instant(watch.last_event_at) if watch else None,
        "nextScanAt": instant(watch.next_scan_at) if watch else None,
    }


def statistics(held: Statistics) -> Json:
    return {
        "movies": held.movies,
        "tvShows": held.tv_shows,
        "episodes": held.episodes,
        "files": held.files,
        "bytes": str(held.bytes),
        "duration": round(held.duration, 3),
        "matched": held.matched,
        "unmatched": held.unmatched,
        "pending": held.pending,
        "missing": held.missing,
    }


def library_statistics(row: Library, held: Statistics) -> Json:
    return {"libraryId": row.id, "libraryName": row.name} | statistics(held)


def deleted(removed: Removed, message: str) -> Json:
    return {
        "libraryId": removed.library_id,
        "libraryName": removed.library_name,
        "mediaDeleted": len(removed.media_ids),
        "message": message,
    }


def missing_file(item: MissingFile) -> Json:
    return {
        "id": item.file.id,
        "filePath": item.file.path,
        "fileSize": str(item.file.size),
        "missingSince": instant(item.file.missing_since),
        "mediaId": item.media and item.media.id,
        "title": item.media and item.media.title,
        "type": item.media and item.media.type,
    }


def missing_removed(files: int, titles: int) -> Json:
    what = f"{files} missing file{' is' if files == 1 else 's are'} out of the catalogue"
    with_it = f", and with {'it' if files == 1 else 'them'} {titles} title{'s' * (titles != 1)}" if titles else ""
    message = f"{what}{with_it}." if files else "No file is missing."
    return {"filesRemoved": files, "mediaRemoved": titles, "message": message}
