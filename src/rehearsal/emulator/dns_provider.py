"""Records at a user's DNS provider other than Route 53: a file of lines `NAME TYPE VALUE`.

Users of the rehearsal add the records that they would enter at their provider. The file is read again at each tick.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

# Characters that are safe in another program's configuration.
NAME = re.compile(r"^[\w*.-]+$")


class Record(NamedTuple):
    """Name and value are in lower case, without a trailing dot."""

    name: str
    type: str
    value: str


_records: tuple[Record, ...] = ()


def plain(name: str) -> str:
    return name.lower().rstrip(".")


def read(file: Path | None) -> None:
    """Reads the file's records. Invalid lines are skipped."""
    global _records
    lines = file.read_text().splitlines() if file and file.exists() else []
    words = [line.split() for line in lines]
    _records = tuple(
        Record(plain(name), kind.upper(), plain(value))
        for name, kind, value in (word for word in words if len(word) == 3)
        if NAME.match(name) and NAME.match(value)
    )


def records() -> tuple[Record, ...]:
    """The records that were read last."""
    return _records
