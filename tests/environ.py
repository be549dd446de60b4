"""What a process is given: its variables, line by line, and what it can read. ``python -m tests.environ``."""

import os
import sys

sys.stdout.writelines(f"{name}={value}\n" for name, value in sorted(os.environ.items()))
sys.stdout.write(f"{sys.stdin.read()!r}\n")
