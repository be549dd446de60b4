"""As much of the Dockerfile as the tests read of it: its stages with their instructions, and what they come to."""

import json
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Stage:
    """A stage of a Dockerfile: each instruction with what follows it."""

    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [arguments for name, arguments in self.instructions if name == instruction]

    def last(self, instruction: str) -> str:
        return self.all(instruction)[-1]

    @property
    def environ(self) -> dict[str, str]:
        pairs = [pair for arguments in self.all("ENV") for pair in shlex.split(arguments)]
        return dict(pair.split("=", 1) for pair in pairs)

    def copied(self) -> list[tuple[list[str], str]]:
        """Return what is copied from the folder of the Dockerfile, and to where."""
        words = [arguments.split() for arguments in self.all("COPY") if not arguments.startswith("--from")]
        return [(sources, target) for *sources, target in words]

    @property
    def healthcheck(self) -> list[str]:
        """The command of the healthcheck, which is written as a list."""
        command: list[str] = json.loads(self.last("HEALTHCHECK").partition("CMD ")[2])
        return command


def stages() -> list[Stage]:
    """Read the Dockerfile."""
    found: list[Stage] = []
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    for line in text.replace("\\\n", " ").splitlines():
        instruction, _, arguments = line.strip().partition(" ")
        if instruction == "FROM":
            found.append(Stage(arguments.partition(" AS ")[2]))
        elif instruction and found:
            found[-1].instructions.append((instruction, arguments.strip()))
    return found
