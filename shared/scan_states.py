"""What a scan job, a folder and a title may be at."""

from enum import StrEnum


class JobStatus(StrEnum):
    """What a scan job is doing."""

    #: Waits for a worker, or behind another scan of the same files.
    PENDING = "PENDING"
    #: Its folders are listed, or its titles worked on.
    IN_PROGRESS = "IN_PROGRESS"
    #: The user stopped it for now; it keeps its place and what it has done.
    PAUSED = "PAUSED"
    #: Everything settled; single items may have failed.
    COMPLETED = "COMPLETED"
    #: It could not be done.
    FAILED = "FAILED"
    #: The user ended it; what it recorded stays.
    CANCELLED = "CANCELLED"


ACTIVE = (JobStatus.PENDING, JobStatus.IN_PROGRESS)
UNENDED = (*ACTIVE, JobStatus.PAUSED)
ENDED = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)
#: What the user stopped: nothing of it is worked on.
HALTED = (JobStatus.PAUSED, JobStatus.CANCELLED)


class FolderStatus(StrEnum):
    """How far a folder is within its scan job."""

    #: Listed; its files are not in the catalogue as they are now.
    PENDING = "PENDING"
    #: Its files are named and browsable; nobody has looked into them yet.
    REGISTERED = "REGISTERED"
    #: Done.
    SETTLED = "SETTLED"
    #: Given up, with a failure that says why.
    FAILED = "FAILED"


#: A folder on its way.
FOLDER_OPEN = (FolderStatus.PENDING, FolderStatus.REGISTERED)


class EnrichmentStatus(StrEnum):
    """How far a title is on its way from a name to metadata and colours."""

    #: The providers are to be asked.
    METADATA = "METADATA"
    #: It can be shown by what a search said of it; the rest is to be asked for, after all that nobody knows yet.
    DETAILS = "DETAILS"
    #: Its poster is to be cached and its colours taken.
    ARTWORK = "ARTWORK"
    #: Its other pictures are to be cached. No scan waits for that: until then clients are shown where they come from.
    PICTURES = "PICTURES"
    #: Done.
    SETTLED = "SETTLED"
    #: Given up for now, with a failure that says why; the next scan tries again.
    FAILED = "FAILED"


#: A title of which the providers have not told everything.
UNFETCHED = (EnrichmentStatus.METADATA, EnrichmentStatus.DETAILS)
#: A title on its way: its scan is not complete.
ENRICHMENT_OPEN = (*UNFETCHED, EnrichmentStatus.ARTWORK)
#: A title that some worker is to look at.
ENRICHMENT_UNDONE = (*ENRICHMENT_OPEN, EnrichmentStatus.PICTURES)
#: A title of which pictures are to be cached.
UNPAINTED = (EnrichmentStatus.ARTWORK, EnrichmentStatus.PICTURES)
