"""What a scan of touched folders leaves to be told of them."""

from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from shared.models import MediaFile, ScanFolder, ScanJob
from shared.scan_scope import Scope


def files_passed_by(session: Session, scan_job: ScanJob, only: Scope) -> list[tuple[str, str]]:
    """Return id and path of the files in folders that were to be looked at, and that the walk did not come past."""
    files = (
        select(MediaFile.id, MediaFile.path)
        .join(ScanFolder, ScanFolder.id == MediaFile.folder_id)
        .where(
            ScanFolder.library_id == scan_job.library_id,
            ScanFolder.scan_job_id.is_distinct_from(scan_job.id),
            MediaFile.missing_since.is_(None),
            _is_covered(PurePosixPath(scan_job.path), only),
        )
    )
    return [(file_id, path) for file_id, path in session.execute(files)]


def _is_covered(root: PurePosixPath, only: Scope) -> ColumnElement[bool]:
    trees = [str(root / tree) for tree in only.trees]
    named = [*(str(root / folder) for folder in only.folders), *trees]
    return or_(ScanFolder.path.in_(named), *(ScanFolder.path.startswith(f"{tree}/", autoescape=True) for tree in trees))
