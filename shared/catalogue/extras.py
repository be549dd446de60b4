"""Trailers, featurettes and other extras: kept out of the lists of titles, and found by the title that they belong to.

Whose extra a file is gets said when somebody asks, not when it is found: the title may come later, or be merged.
"""

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import aliased

from shared.models import Media, MediaFile, MediaName


def is_extra_of(media_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a file is an extra of a title, as that of an enclosing query; also one that is missing from the disk.

    1. An extra whose name says a title that is known is that title's.
    2. Any other is of the title in whose folder it lies, unless files of several titles lie there.
    """
    return MediaFile.id.in_(_by_name(media_id).union(_by_folder(media_id)))


def _by_name(media_id: ColumnElement[str]) -> Select[str]:
    return (
        select(MediaFile.id)
        .join(MediaName, _goes_by(MediaFile, MediaName))
        .where(MediaName.media_id == media_id, MediaFile.extra_type.is_not(None))
        .correlate(Media)
    )


def _by_folder(media_id: ColumnElement[str]) -> Select[str]:
    beside, other, name, other_name = (aliased(MediaFile), aliased(MediaFile), aliased(MediaName), aliased(MediaName))
    says_a_title = exists().where(_goes_by(MediaFile, other_name))
    is_shared = (
        exists()
        .where(_lies_with(MediaFile, other), _goes_by(other, other_name), other_name.media_id != media_id)
        .correlate(MediaFile, Media)
    )
    return (
        select(MediaFile.id)
        .join(beside, _lies_with(MediaFile, beside))
        .join(name, _goes_by(beside, name))
        .where(name.media_id == media_id, MediaFile.extra_type.is_not(None), ~says_a_title, ~is_shared)
        .correlate(Media)
    )


def _goes_by(file: type[MediaFile], name: type[MediaName]) -> ColumnElement[bool]:
    return and_(name.library_id == file.library_id, name.key == file.owner_key)


def _lies_with(extra: type[MediaFile], file: type[MediaFile]) -> ColumnElement[bool]:
    """Whether a file that is watched by itself lies in the folder that an extra belongs to."""
    return and_(file.library_id == extra.library_id, file.owner_folder == extra.owner_folder, file.extra_type.is_(None))
