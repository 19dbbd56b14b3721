"""Whether EC2 can launch a machine in a zone: it lacks capacity if a fault says so, or does not offer the type there."""

from __future__ import annotations

from . import faults
from .launch_templates import Machine
from .strict import offerings

NO_CAPACITY = (
    "We currently do not have sufficient {} capacity in the Availability Zone you requested ({}). "
    "Our system will be working on provisioning additional capacity."
)
NOT_SUPPORTED = (
    "Your requested instance type ({}) is not supported in your requested Availability Zone ({}). "
    "Please retry your request by not specifying an Availability Zone or choosing another one."
)
NO_SPOT = "Could not launch Spot Instances. UnfulfillableCapacity - There is no Spot capacity available that matches your request."


def refusal(machine: Machine, zone: str) -> tuple[str, str] | None:
    """Why EC2 does not launch a machine in a zone: its code and message. None: it does."""
    if not offerings.offered(machine.type, zone):
        return "Unsupported", NOT_SUPPORTED.format(machine.type, zone)
    if faults.named("insufficient_capacity") & {zone, machine.type, "spot" if machine.spot else "on-demand"}:
        return "InsufficientInstanceCapacity", NO_SPOT if machine.spot else NO_CAPACITY.format(machine.type, zone)
    return None
