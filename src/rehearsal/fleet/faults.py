"""Faults that a play asks for.

{"insufficient_capacity": ["eu-central-1a"],   zones in which EC2 has no machine to give
 "dead": ["i-…"], "unhealthy": ["i-…"]}        simulated machines that are dead, or fail the load balancer's check
"""

from __future__ import annotations

import json
from pathlib import Path

_faults: dict[str, list[str]] = {}


def read(file: Path | None) -> None:
    """Takes over the file's faults. A file that is half written or gone leaves what was said last, or nothing."""
    global _faults
    if file is None:
        return
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        _faults = {}
    except ValueError:
        return
    else:
        _faults = found if isinstance(found, dict) else {}


def named(kind: str) -> frozenset[str]:
    """What has this fault."""
    return frozenset(_faults.get(kind, ()))
