"""Auto Scaling groups: they launch, check, replace and terminate their machines.

Lifecycle states of a member:

    Pending → (Pending:Wait →) InService → (Terminating:Wait →) Terminating → terminated

`reconcile()` handles one group per tick and takes the next step of each member; it never blocks.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import get_region
from ministack.services import autoscaling, ec2

from . import activities, capacity, hooks, images, instances, launch_templates, mixed_instances, targets
from .activities import at

Group = dict[str, Any]
Member = dict[str, Any]

# Seconds until a launch that failed in every zone is retried. Auto Scaling waits longer each time; a rehearsal
# cannot.
RETRY_SECONDS = 10

# An instance refresh with this status replaces machines.
REFRESHING = ("Pending", "InProgress", "RollbackInProgress")

ENDED = "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped."
IMPAIRED = "an instance was taken out of service in response to an EC2 instance status checks failure."
ELB = "an instance was taken out of service in response to an ELB system health check failure."
REPORTED = "an instance was taken out of service in response to a user health-check."
REPLACED = "an instance was launched in response to an unhealthy instance needing to be replaced."
FAILED = "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: "
ABANDONED = "Instance failed to complete user's Lifecycle Action: the action was abandoned or timed out"


def leaving(member: Member) -> bool:
    """Whether a member is terminating and no longer counts."""
    return member["LifecycleState"].startswith("Terminating")


def in_service(group: Group) -> int:
    """Number of members in service."""
    return sum(member["LifecycleState"] == "InService" for member in group["Instances"])


def in_grace(group: Group, member: Member, grace_max: float) -> bool:
    """Whether a member is in its grace period, in which only EC2's checks count. `grace_max` limits the period for
    machines that have been healthy. Others are still being provisioned and keep the whole period."""
    period = group["HealthCheckGracePeriod"]
    limit = min(period, grace_max) if member.get("_proved") or not group.get("_targets") else period
    return time.time() - member.get("_served", time.time()) < limit


def resized(group: Group, asked: str) -> None:
    """Stores why the group's size changed, for the following activities."""
    group["_asked"] = at(asked)


def reconcile(group: Group, grace_max: float) -> None:
    """Takes the next step of every member, and launches or terminates machines to reach the desired size."""
    for member in list(group["Instances"]):
        _step(group, member, grace_max)
    if group.get("_deleting") and not group["Instances"]:
        autoscaling._delete_asg({"AutoScalingGroupName": group["AutoScalingGroupName"]})
        return
    # An instance refresh has its own size.
    if group.get("_deleting") or not any(r["Status"] in REFRESHING for r in group.get("_refreshes", [])):
        _resize(group)


def _step(group: Group, member: Member, grace_max: float) -> None:
    record = ec2._instances.get(member["InstanceId"])
    state = instances.state(record) if record else "terminated"
    match member["LifecycleState"]:
        case "Pending" | "Pending:Wait" if state in instances.GONE:
            _launch_failed(group, member, (record or {}).get("_reason", ""))
        case "Pending" if state == "running":
            if hooks.begin(group, member, hooks.LAUNCHING):
                member["LifecycleState"] = "Pending:Wait"
            else:
                _serve(group, member)
        case "Pending:Wait":
            outcome = hooks.outcome(member)
            if outcome == "CONTINUE":
                _serve(group, member)
            elif outcome == "ABANDON":
                _launch_failed(group, member, ABANDONED)
        case "InService":
            cause = _sickness(group, member, record, state, grace_max)
            if cause:
                member["HealthStatus"] = "Unhealthy"
                group["_replacements"] = group.get("_replacements", 0) + 1
                # Nothing can complete the hook of a machine that has ended.
                take_out(group, member, at(cause), with_hooks=state not in instances.GONE)
        case "Terminating:Wait":
            if state in instances.GONE or hooks.outcome(member):
                _end_machine(member, record)
        case "Terminating" if state == "terminated":
            group["Instances"].remove(member)
            activities.end(group, "Terminate", member["_activity"])


def _sickness(group: Group, member: Member, record: Any, state: str, grace_max: float) -> str | None:
    """Why a member in service has to be replaced; None while it is healthy."""
    if state != "running":
        return ENDED
    if member["HealthStatus"] == "Unhealthy":
        return REPORTED
    if record.get("_impaired"):
        return IMPAIRED
    health = [targets.state(arn, member["InstanceId"]) for arn in group.get("_targets", [])]
    # Each load balancer has its own checks: a machine is healthy only if all agree.
    member["_proved"] = member.get("_proved") or all(each == "healthy" for each in health)
    if "ELB" in group["HealthCheckType"] and "unhealthy" in health and not in_grace(group, member, grace_max):
        return ELB
    return None


def _serve(group: Group, member: Member) -> None:
    member["LifecycleState"] = "InService"
    member["_served"] = time.time()
    for arn in group.get("_targets", []):
        targets.register(arn, member["InstanceId"])
    activities.end(group, "Launch", member["_activity"])


def _launch_failed(group: Group, member: Member, why: str) -> None:
    activities.end(group, "Launch", member["_activity"], FAILED + why)
    group["_retry_at"] = time.time() + RETRY_SECONDS
    take_out(group, member, at(ENDED), with_hooks=False)


def take_out(group: Group, member: Member, cause: str, with_hooks: bool = True) -> None:
    """Starts a member's termination: deregistration, hooks, then the machine."""
    instance_id = member["InstanceId"]
    for arn in group.get("_targets", []):
        targets.deregister(arn, instance_id)
    description = f"Terminating EC2 instance: {instance_id}"
    member["_activity"] = activities.begin(
        group, description, cause, member["AvailabilityZone"], member["_subnet"], instance_id
    )
    if with_hooks and hooks.begin(group, member, hooks.TERMINATING):
        member["LifecycleState"] = "Terminating:Wait"
    else:
        _end_machine(member, ec2._instances.get(instance_id))


def _end_machine(member: Member, record: Any) -> None:
    member["LifecycleState"] = "Terminating"
    if record:
        instances.terminate(record)


def _resize(group: Group) -> None:
    staying = [member for member in group["Instances"] if not leaving(member)]
    wanted = 0 if group.get("_deleting") else group["DesiredCapacity"]
    if len(staying) < wanted and time.time() >= group.get("_retry_at", 0):
        for size in range(len(staying), wanted):
            if not launch(group, size, wanted):
                group["_retry_at"] = time.time() + RETRY_SECONDS
                break
    elif len(staying) > wanted:
        _shrink(group, staying, wanted)


def _shrink(group: Group, staying: list[Member], wanted: int) -> None:
    group["_replacements"] = 0
    for size, member in zip(range(len(staying), wanted, -1), _superfluous(group, staying), strict=False):
        shrinking = (
            "an instance was taken out of service in response to a difference between desired and actual capacity, "
            f"shrinking the capacity from {size} to {size - 1}."
        )
        selected = at(f"instance {member['InstanceId']} was selected for termination.")
        cause = f"{_asked(group)}{at(shrinking)}  {selected}"
        take_out(group, member, cause, with_hooks=group.get("_deleting") != "force")


def _superfluous(group: Group, staying: list[Member]) -> list[Member]:
    """Selects the member to terminate: unprotected, from the fullest zone, the one in service longest (a short form
    of Auto Scaling's default policy)."""
    zones = [member["AvailabilityZone"] for member in staying]
    candidates = [member for member in staying if group.get("_deleting") or not member["ProtectedFromScaleIn"]]
    return sorted(candidates, key=lambda m: (-zones.count(m["AvailabilityZone"]), m.get("_served", time.time())))


def _asked(group: Group) -> str:
    return f"{group['_asked']}  " if group.get("_asked") else ""


def launch(group: Group, size: int, wanted: int) -> bool:
    """Launches a machine in the least used zone with capacity. False: no capacity, or an invalid template."""
    growing = (
        "an instance was started in response to a difference between desired and actual capacity, "
        f"increasing the capacity from {size} to {wanted}."
    )
    cause = at(REPLACED) if group.get("_replacements") else f"{_asked(group)}{at(growing)}"
    for subnet in _subnets(group):
        zone = (ec2._subnets.get(subnet) or {}).get("AvailabilityZone", f"{get_region()}a")
        try:
            record = launch_templates.launch(_available(group, zone), subnet, _tags(group))
        except ValueError as refusal:
            reason = f"{str(refusal).rstrip('.')}. Launching EC2 instance failed."
            failed = activities.begin(group, f"Launching a new EC2 instance.  Status Reason: {reason}", cause, zone, subnet)
            activities.end(group, "Launch", failed, reason)
            continue
        _join(group, record, subnet, zone, cause)
        return True
    return False


def _available(group: Group, zone: str) -> launch_templates.Machine:
    """The first of the group's choices that EC2 launches in a zone. Raises ValueError with EC2's message."""
    first = ""
    for machine in mixed_instances.choices(group):
        refusal = images.refusal(machine.image, machine.type) or capacity.refusal(machine, zone)
        if refusal is None:
            return machine
        first = first or refusal[1]
    raise ValueError(first)


def _join(group: Group, record: instances.Record, subnet: str, zone: str, cause: str) -> None:
    instance_id = record["InstanceId"]
    group["_replacements"] = max(0, group.get("_replacements", 0) - 1)
    turns = group.setdefault("_turns", {})
    turns[subnet] = max(turns.values(), default=0) + 1
    description = f"Launching a new EC2 instance: {instance_id}"
    group["Instances"].append(
        {
            "InstanceId": instance_id,
            "InstanceType": record["InstanceType"],
            "LifecycleState": "Pending",
            "HealthStatus": "Healthy",
            "AvailabilityZone": zone,
            "ProtectedFromScaleIn": bool(group.get("NewInstancesProtectedFromScaleIn")),
            "LaunchTemplate": dict(mixed_instances.template(group)),
            "LaunchConfigurationName": "",
            "_subnet": subnet,
            "_activity": activities.begin(group, description, cause, zone, subnet, instance_id),
        }
    )


def _subnets(group: Group) -> list[str]:
    """The group's subnets, least used first, then by the time of their last launch."""
    subnets = [s for s in (group.get("VPCZoneIdentifier") or "").split(",") if s] or [ec2._DEFAULT_SUBNET_ID]
    used = [member["_subnet"] for member in group["Instances"] if not leaving(member)]
    turns = group.get("_turns", {})
    return sorted(subnets, key=lambda subnet: (used.count(subnet), turns.get(subnet, 0), subnets.index(subnet)))


def _tags(group: Group) -> dict[str, str]:
    own = {tag["Key"]: str(tag["Value"]) for tag in group.get("Tags", []) if tag.get("PropagateAtLaunch")}
    return {**own, "aws:autoscaling:groupName": group["AutoScalingGroupName"]}
