"""The wall clock of a system's processes, which can be set while they run. The machine's own stays as it is."""

import shutil
import struct
import subprocess
from pathlib import Path


class Clock:
    """A clock, with what the environment of processes must hold that are to go by it."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "clock-offset"
        self.set(0)
        library = folder / "clock.so"
        source = Path(__file__).with_suffix(".c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source], check=True)
        self.environ = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._offset)}

    def set(self, seconds: int) -> None:
        """Have it go so many seconds ahead of the machine's."""
        with self._offset.open("r+b" if self._offset.exists() else "wb") as file:
            file.write(struct.pack("q", seconds))


def a_clock(folder: Path) -> Clock | None:
    """Make a clock; None where there is no compiler for what it takes."""
    return Clock(folder) if shutil.which("cc") else None
