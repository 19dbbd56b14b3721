"""EC2 instances whose state is that of a machine.

    pending → running → shutting-down → terminated
                     ↘ stopping → stopped → pending …

An API call only changes the desired state; `settle()` changes the instance once the machine has reached it.
"""

from __future__ import annotations

import re
import time
from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2

from . import events, faults
from .addresses import private_address, public_address

Record = dict[str, Any]

# MiniStack's own function that creates a record, before `instance_api.py` replaces it.
make_record = ec2._launch_instances_internal

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
GONE = ("shutting-down", "terminated")

# A restart whose machine has to stop first.
DOWN = 0.0
# Seconds that a machine may be down during a restart before it counts as ended.
RESTART_SECONDS = 60

# Graviton families have a `g` among the letters after their generation: t4g, c7gn, im4gn. The first one was a1.
_ARM = re.compile(r"^(a1|[a-z]+\d+[a-z]*g[a-z-]*)\.")


def architecture(instance_type: str) -> str:
    """`arm64` or `x86_64`."""
    return "arm64" if _ARM.match(instance_type) else "x86_64"


def state(record: Record) -> str:
    return record["State"]["Name"]


def enter(record: Record, name: str, reason: str = "") -> None:
    """Changes an instance's state and sends an EventBridge event."""
    record["State"] = {"Code": CODES[name], "Name": name}
    record["_since"] = time.time()
    if reason:
        record["_reason"] = reason
    events.instance_state(record["InstanceId"], name)


def be_born(record: Record, wants_public_address: bool | None = None, asked_address: str | None = None) -> None:
    """Turns a new MiniStack record into a pending machine with addresses in its subnet."""
    subnet = ec2._subnets.get(record["SubnetId"]) or {}
    zone = subnet.get("AvailabilityZone") or f"{get_region()}a"
    if wants_public_address is None:
        wants_public_address = bool(subnet.get("MapPublicIpOnLaunch"))
    record["Placement"] = {"AvailabilityZone": zone, "Tenancy": "default"}
    record["Architecture"] = architecture(record["InstanceType"])
    record["_auto_public"] = wants_public_address
    # MiniStack's addresses are random, and must not count as used when others are chosen.
    record["PrivateIpAddress"] = record["PublicIpAddress"] = ""
    _address(record, asked_address or private_address(record["SubnetId"]))
    for device in record["BlockDeviceMappings"]:
        volume = ec2._volumes.get(device["Ebs"]["VolumeId"])
        if volume:
            volume["AvailabilityZone"] = zone
    enter(record, "pending")


def _address(record: Record, private: str) -> None:
    dashed = private.replace(".", "-")
    record["PrivateIpAddress"] = private
    record["PrivateDnsName"] = f"ip-{dashed}.{get_region()}.compute.internal"
    public = public_address() if record["_auto_public"] else ""
    record["PublicIpAddress"] = public
    record["PublicDnsName"] = f"ec2-{public.replace('.', '-')}.{get_region()}.compute.amazonaws.com" if public else ""


def start(record: Record) -> None:
    """Requests the start of a stopped instance; an automatic public address changes."""
    _address(record, record["PrivateIpAddress"])
    record.pop("_impaired", None)
    record["_restart"] = time.time()
    enter(record, "pending")


def reboot(record: Record) -> None:
    """Requests a reboot. EC2 reports the instance as running meanwhile."""
    if state(record) == "running":
        record["_restart"] = DOWN


def terminate(
    record: Record,
    reason: str = "Client.UserInitiatedShutdown: User initiated shutdown",
    skip_os_shutdown: bool = False,
) -> None:
    """Requests termination; without an OS shutdown, it is like a power cut."""
    record["_skip_os_shutdown"] = record.get("_skip_os_shutdown", False) or skip_os_shutdown
    if state(record) not in GONE:
        enter(record, "shutting-down", reason)


def wanted(record: Record) -> str | None:
    """The desired state of the machine: `running`, `stopped`, `terminated`, or None if there should be none."""
    name = state(record)
    if name == "terminated" or _is_being_launched(record):
        return None
    if name == "shutting-down":
        return "terminated"
    down = name in ("stopping", "stopped") or record.get("_restart") == DOWN or "_imaging" in record
    return "stopped" if down else "running"


def _is_being_launched(record: Record) -> bool:
    if state(record) != "pending" or record.get("_known"):
        return False
    return time.time() - record["_since"] < faults.launch_seconds()


def settle(record: Record, machine: dict[str, str] | None) -> None:
    """Applies the actual state of a machine to its instance. None: it does not exist."""
    found = machine["state"] if machine else None
    name = state(record)
    known = record.get("_known", False)
    record["_known"] = known or found is not None
    if name == "shutting-down":
        if found is None:
            _end(record)
    elif name == "stopping":
        if found != "running" and found != "starting":
            enter(record, "stopped")
    elif "_imaging" in record:
        # Down until its image is made, which is not a failure.
        return
    elif "_restart" in record:
        _restart(record, found)
    elif name == "pending" and found == "running":
        enter(record, "running")
    elif name in ("pending", "running"):
        _judge(record, found, known, machine["reason"] if machine else "its machine does not exist")


def _restart(record: Record, found: str | None) -> None:
    """A machine that reboots is down temporarily, which is not a failure."""
    since = record["_restart"]
    if since == DOWN:
        if found not in ("running", "starting"):
            record["_restart"] = time.time()
    elif found == "running" or time.time() - since > RESTART_SECONDS:
        del record["_restart"]
        if state(record) == "pending" and found == "running":
            enter(record, "running")


def _judge(record: Record, found: str | None, known: bool, why: str) -> None:
    """The effect on the instance of a machine that should run and does not."""
    if found == "dead" or (found is None and known):
        if state(record) == "pending":
            terminate(record, f"Server.InternalError: Internal error on launch: {why}")
        else:
            # EC2 still reports it as running, but its status checks fail.
            record["_impaired"] = why
    elif found == "stopped":
        # Shut down from inside: the launch template decides; AWS's default is to stop.
        reason = "Client.InstanceInitiatedShutdown: Instance initiated shutdown"
        if record.get("_on_shutdown") == "terminate":
            terminate(record, reason)
        else:
            enter(record, "stopped", reason)


def _end(record: Record) -> None:
    for device in record["BlockDeviceMappings"]:
        ec2._volumes.pop(device["Ebs"]["VolumeId"], None)
        ec2._tags.pop(device["Ebs"]["VolumeId"], None)
    association = ec2._find_active_iam_instance_profile_association(record["InstanceId"])
    if association:
        ec2._mark_iam_instance_profile_association_disassociated(association)
    enter(record, "terminated")
    record.update(BlockDeviceMappings=[], PrivateIpAddress="", PrivateDnsName="", PublicIpAddress="", PublicDnsName="")


def forget(after: float) -> None:
    """Removes instances that ended this many seconds ago, and their tags."""
    for instance_id, record in ec2._instances.items():
        if state(record) == "terminated" and time.time() - record["_since"] > after:
            ec2._instances.pop(instance_id, None)
            ec2._tags.pop(instance_id, None)
