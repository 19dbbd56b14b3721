"""Spot interruptions: EC2 gives notice, and terminates the instance when the notice has expired."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import ec2

from . import events, faults, instances

logger = logging.getLogger("emulator")

TAKEN_BACK = "Server.SpotInstanceTermination: Instance terminated due to a capacity or price reason"


def tick() -> None:
    """Gives the notices that the faults ask for, and terminates instances whose notice has expired."""
    for instance_id, seconds in faults.interruptions().items():
        record = ec2._instances.get(instance_id)
        if not record or "_interruption" in record or instances.state(record) in instances.GONE:
            continue
        if record.get("_market") != "spot":
            logger.warning("%s is not a Spot Instance, so EC2 does not interrupt it", instance_id)
            continue
        record.update(_noticed=time.time(), _interruption=time.time() + float(seconds))
        events.spot_interruption(instance_id)
    for record in ec2._instances.values():
        if time.time() >= record.get("_interruption", float("inf")):
            instances.terminate(record, TAKEN_BACK)


def interruption(record: dict[str, Any]) -> dict[str, str] | None:
    """When an instance got its notice, and when EC2 terminates it; None without a notice."""
    if "_interruption" not in record:
        return None
    return {"noticed": _iso(record["_noticed"]), "time": _iso(record["_interruption"])}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
