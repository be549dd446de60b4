"""A part of a file as something to read from."""

import io


class FilePart(io.FileIO):
    """``length`` bytes of an open file from ``first`` on. It owns the descriptor, and stands where the part begins."""

    def __init__(self, descriptor: int, first: int, length: int) -> None:
        super().__init__(descriptor)
        self._left = length
        self.seek(first)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, none at the part's end or where the file has become shorter."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        data = super().read(wanted) or b""
        self._left -= len(data)
        return data
