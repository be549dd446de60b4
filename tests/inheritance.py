"""What a process inherits: signals, threads and open files, line by line. ``python -m tests.inheritance``."""

import sys
from pathlib import Path

for line in Path("/proc/self/status").read_text().splitlines():
    if line.startswith(("SigBlk:", "SigIgn:", "SigCgt:", "Threads:")):
        sys.stdout.write(f"{line}\n")
# The last one is that of the list itself.
sys.stdout.write(f"{sorted(int(path.name) for path in Path('/proc/self/fd').iterdir())}\n")
