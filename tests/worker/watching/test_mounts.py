"""Which file systems tell of changes, by the system's own table of mounts."""

from pathlib import PurePosixPath

import pytest

from worker.watching.mounts import shared_kind, table

TABLE = r"""
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
30 27 0:25 / /mnt/nas rw,relatime shared:9 master:2 - nfs4 nas.local:/export rw,vers=4.2
31 27 0:26 / /mnt/my\040films rw,relatime - cifs //nas/films rw
32 27 0:27 / /mnt/pool rw,relatime - fuse.mergerfs a:b rw
33 27 8:17 / /mnt/usb rw,relatime - fuseblk /dev/sdb1 rw
34 27 0:28 / /host rw - 9p C:\134 rw
35 27 0:29 / /vm rw - virtiofs share rw
36 27 0:30 / /srv/media/remote rw - smb3 //nas/more rw
37 27 0:31 / /over rw - nfs nas:/old rw
38 37 8:33 / /over rw - xfs /dev/sdc1 rw
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/media/films", None),
        ("/mnt/nas/films", "nfs4"),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nasty", None),
        ("/mnt/my films/old", "cifs"),
        ("/mnt/pool", "fuse.mergerfs"),
        ("/mnt/usb/films", None),
        ("/host/films", "9p"),
        ("/vm", "virtiofs"),
        ("/srv/media", "smb3"),
        ("/srv/media/local", None),
        ("/over/films", None),
    ],
)
def test_a_folder_on_or_around_a_shared_file_system_is_told_apart(folder: str, kind: str | None) -> None:
    assert shared_kind(PurePosixPath(folder), TABLE) == kind


def test_the_table_of_this_very_machine_can_be_read() -> None:
    assert shared_kind(PurePosixPath("/proc"), table()) is None
