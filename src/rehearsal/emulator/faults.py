"""Faults that a scenario requests.

{"insufficient_capacity": ["eu-central-1a"],   no capacity in EC2 for a zone, an instance type, `spot`, `on-demand`
 "interruptions": {"i-…": 120},                spot instances that EC2 interrupts, after this number of seconds
 "expiring": [["arn:…", 30]],                  certificates that ACM reports as expiring, and the days until then
 "launch_seconds": 20,                         seconds from a machine's launch until it starts
 "dead": ["i-…"], "unhealthy": ["i-…"],        simulated machines that have failed, or fail the load balancer's check
 "failing": ["0.3~fake"]}                      releases of Jitsi whose simulated machines fail to be provisioned
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_faults: dict[str, Any] = {}


def read(file: Path | None) -> None:
    """Reads the faults from the file. If the file is incomplete or missing, the last faults stay in force."""
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
    """The resources with this fault."""
    return frozenset(_faults.get(kind, ()))


def expiring() -> list[tuple[str, int]]:
    """Certificates that expire soon, with days."""
    return [(arn, days) for arn, days in _faults.get("expiring") or []]


def launch_seconds() -> float:
    """Seconds from a machine's launch until it starts."""
    return float(_faults.get("launch_seconds") or 0)


def interruptions() -> dict[str, float]:
    """Spot instances that EC2 interrupts, with seconds of notice."""
    return _faults.get("interruptions") or {}
