"""The Auto Scaling actions that MiniStack only records, or does not have.

Replaces in `ministack.services.autoscaling`: `_reconcile_instances`, and the actions listed in `install()`.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from ministack.services import autoscaling, ec2

from . import activities, groups, hooks, mixed_instances, schedule
from .activities import at
from .groups import Group, Member

Params = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

_p = autoscaling._p
_create, _update = autoscaling._create_asg, autoscaling._update_asg
_delete_hook, _put_scheduled = autoscaling._delete_lifecycle_hook, autoscaling._put_scheduled_action


def _invalid(message: str) -> Answer:
    return autoscaling._error("ValidationError", escape(message))


def _group(params: Params) -> tuple[Group | None, Answer]:
    name = _p(params, "AutoScalingGroupName")
    return autoscaling._asgs.get(name), _invalid(f"AutoScalingGroup name not found - null or no such group: {name}")


def _member(params: Params) -> tuple[Group, Member] | None:
    wanted = _p(params, "InstanceId")
    found = ((g, m) for g in autoscaling._asgs.values() for m in g["Instances"] if m["InstanceId"] == wanted)
    return next(found, None)


def place(group: Group) -> None:
    """A group's availability zones are those of its subnets."""
    subnets = [s for s in (group.get("VPCZoneIdentifier") or "").split(",") if s]
    zones = {ec2._subnets[s]["AvailabilityZone"] for s in subnets if s in ec2._subnets}
    if zones:
        group["AvailabilityZones"] = sorted(zones)


def _launched(params: Params, mixed: dict[str, Any] | None) -> Group:
    """What a call says about the machines of its group."""
    template = autoscaling._parse_nested(params, "LaunchTemplate")
    return {"LaunchTemplate": template, "MixedInstancesPolicy": mixed, "Instances": []}


def create(params: Params) -> Answer:
    try:
        mixed = mixed_instances.policy(autoscaling._parse_nested(params, "MixedInstancesPolicy"))
        mixed_instances.check(_launched(params, mixed))
    except ValueError as refusal:
        return _invalid(str(refusal))
    answer = _create(params)
    if answer[0] == 200:
        group = autoscaling._asgs[_p(params, "AutoScalingGroupName")]
        group["MixedInstancesPolicy"] = mixed
        group["_targets"] = autoscaling._parse_member_list(params, "TargetGroupARNs")
        place(group)
        groups.resized(
            group,
            f"a user request created an AutoScalingGroup changing the desired capacity from 0 to {group['DesiredCapacity']}.",
        )
    return answer


def update(params: Params) -> Answer:
    group, missing = _group(params)
    if group is None:
        return missing
    before = group["DesiredCapacity"]
    try:
        mixed = mixed_instances.policy(autoscaling._parse_nested(params, "MixedInstancesPolicy"))
        mixed_instances.check(_launched(params, mixed))
    except ValueError as refusal:
        return _invalid(str(refusal))
    answer = _update(params)
    group["MixedInstancesPolicy"] = mixed or group.get("MixedInstancesPolicy")
    template = autoscaling._parse_nested(params, "LaunchTemplate")
    if template:
        name = template.get("LaunchTemplateId") or template.get("LaunchTemplateName")
        group["LaunchTemplate"] = {
            "LaunchTemplateId": name,
            "LaunchTemplateName": name,
            "Version": template.get("Version", "$Default"),
        }
        group["MixedInstancesPolicy"] = None
    place(group)
    constrained(group, before)
    return answer


def constrained(group: Group, before: int) -> None:
    """After a change of a group's limits, adjusts its size; the following activities state the reason."""
    group["DesiredCapacity"] = max(group["MinSize"], min(group["MaxSize"], group["DesiredCapacity"]))
    low, high, now = group["MinSize"], group["MaxSize"], group["DesiredCapacity"]
    if now != before:
        groups.resized(
            group,
            f"a user request update of AutoScalingGroup constraints to min: {low}, max: {high}, desired: {now} "
            f"changing the desired capacity from {before} to {now}.",
        )


def set_desired_capacity(params: Params) -> Answer:
    group, missing = _group(params)
    if group is None:
        return missing
    wanted, before = int(_p(params, "DesiredCapacity")), group["DesiredCapacity"]
    for limit, word, beyond in (
        ("MaxSize", "above max", wanted > group["MaxSize"]),
        ("MinSize", "below min", wanted < group["MinSize"]),
    ):
        if beyond:
            return _invalid(
                f"New SetDesiredCapacity value {wanted} is {word} value {group[limit]} for the AutoScalingGroup."
            )
    group["DesiredCapacity"] = wanted
    groups.resized(
        group,
        f"a user request explicitly set group desired capacity changing the desired capacity from {before} to {wanted}.",
    )
    return autoscaling._xml(200, "SetDesiredCapacityResponse", "")


def delete(params: Params) -> Answer:
    group, missing = _group(params)
    if group is None:
        return missing
    force = _p(params, "ForceDelete") == "true"
    if group["Instances"] and not force:
        message = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group."
        return autoscaling._error("ResourceInUse", message)
    dismiss(group, force)
    return autoscaling._xml(200, "DeleteAutoScalingGroupResponse", "")


def dismiss(group: Group, force: bool) -> None:
    """Deletes a group once its machines have ended: immediately if forced, otherwise through their hooks."""
    group["_deleting"] = "force" if force else "drain"
    group["Status"] = "Delete in progress"
    before, group["DesiredCapacity"], group["MinSize"] = group["DesiredCapacity"], 0, 0
    groups.resized(
        group,
        f"a user request update of AutoScalingGroup constraints to min: 0, max: {group['MaxSize']}, desired: 0 "
        f"changing the desired capacity from {before} to 0.",
    )
    if force:
        for member in group["Instances"]:
            for wait in member.get("_waits", {}).values():
                wait["result"] = "CONTINUE"


def describe(params: Params) -> Answer:
    names = autoscaling._parse_member_list(params, "AutoScalingGroupNames")
    filters = autoscaling._parse_nested(params, "Filters") or []
    members = "".join(
        f"<member>{_described(group)}</member>"
        for group in autoscaling._asgs.values()
        if (not names or group["AutoScalingGroupName"] in names) and all(_passes(group, f) for f in filters)
    )
    result = f"<DescribeAutoScalingGroupsResult><AutoScalingGroups>{members}</AutoScalingGroups></DescribeAutoScalingGroupsResult>"
    return autoscaling._xml(200, "DescribeAutoScalingGroupsResponse", result)


def _passes(group: Group, wanted: dict[str, Any]) -> bool:
    name, values = wanted.get("Name", ""), wanted.get("Values", [])
    tags = {tag["Key"]: tag["Value"] for tag in group.get("Tags", [])}
    if name.startswith("tag:"):
        return tags.get(name[4:]) in values
    return any(value in values for value in (tags if name == "tag-key" else tags.values()))


def _described(group: Group) -> str:
    public = {key: value for key, value in group.items() if not key.startswith("_") and value not in ("", {}, None)}
    public["TargetGroupARNs"] = group.get("_targets", [])
    public["Instances"] = [
        {k: v for k, v in m.items() if not k.startswith("_") and v not in ("", {})} for m in group["Instances"]
    ]
    public.pop("InstanceRefreshes", None)
    return autoscaling._member_xml(public)


def describe_activities(params: Params) -> Answer:
    name = _p(params, "AutoScalingGroupName")
    wanted = autoscaling._parse_member_list(params, "ActivityIds")
    found = [
        a
        for g in autoscaling._asgs.values()
        if not name or g["AutoScalingGroupName"] == name
        for a in g.get("_activities", [])
    ]
    items = "".join(f"<member>{activities.xml(a)}</member>" for a in found if not wanted or a["ActivityId"] in wanted)
    return autoscaling._xml(
        200,
        "DescribeScalingActivitiesResponse",
        f"<DescribeScalingActivitiesResult><Activities>{items}</Activities></DescribeScalingActivitiesResult>",
    )


def set_instance_health(grace_max: float, params: Params) -> Answer:
    found = _member(params)
    if not found:
        return _invalid(
            f"Instance Id not found - No managed instance found for instance ID: {_p(params, 'InstanceId')}"
        )
    group, member = found
    respects_grace = _p(params, "ShouldRespectGracePeriod") != "false"
    young = member["LifecycleState"] != "InService" or groups.in_grace(group, member, grace_max)
    if not (respects_grace and young):
        member["HealthStatus"] = _p(params, "HealthStatus")
    return autoscaling._xml(200, "SetInstanceHealthResponse", "")


def set_instance_protection(params: Params) -> Answer:
    group, missing = _group(params)
    if group is None:
        return missing
    wanted = autoscaling._parse_member_list(params, "InstanceIds")
    members = {member["InstanceId"]: member for member in group["Instances"]}
    unknown = [instance_id for instance_id in wanted if instance_id not in members]
    if unknown:
        return _invalid(f"The instance {unknown[0]} is not part of Auto Scaling group {group['AutoScalingGroupName']}.")
    for instance_id in wanted:
        members[instance_id]["ProtectedFromScaleIn"] = _p(params, "ProtectedFromScaleIn") == "true"
    result = "<SetInstanceProtectionResult/>"
    return autoscaling._xml(200, "SetInstanceProtectionResponse", result)


def terminate_instance(params: Params) -> Answer:
    found = _member(params)
    if not found:
        return _invalid(
            f"Instance Id not found - No managed instance found for instance ID: {_p(params, 'InstanceId')}"
        )
    group, member = found
    shrink, size = _p(params, "ShouldDecrementDesiredCapacity") == "true", group["DesiredCapacity"]
    if shrink and size <= group["MinSize"]:
        return _invalid(
            "Currently, desiredSize equals minSize. Terminating instance without replacement will violate group's min size constraint."
        )
    if not groups.leaving(member):
        sentence = f"instance {member['InstanceId']} was taken out of service in response to a user request"
        group["DesiredCapacity"] -= shrink
        groups.take_out(
            group, member, at(sentence + (f", shrinking the capacity from {size} to {size - 1}." if shrink else "."))
        )
    activity = f"<Activity>{activities.xml(member['_activity'])}</Activity>"
    result = f"<TerminateInstanceInAutoScalingGroupResult>{activity}</TerminateInstanceInAutoScalingGroupResult>"
    return autoscaling._xml(200, "TerminateInstanceInAutoScalingGroupResponse", result)


def _waiting(params: Params) -> dict[str, Any] | Answer:
    group, missing = _group(params)
    if group is None:
        return missing
    instance_id, token = _p(params, "InstanceId"), _p(params, "LifecycleActionToken")
    wait = hooks.find(group, _p(params, "LifecycleHookName"), instance_id, token)
    return wait or _invalid(f"No active Lifecycle Action found with instance ID {instance_id or token}")


def complete_lifecycle_action(params: Params) -> Answer:
    wait = _waiting(params)
    if isinstance(wait, tuple):
        return wait
    wait["result"] = _p(params, "LifecycleActionResult") or "CONTINUE"
    return autoscaling._xml(200, "CompleteLifecycleActionResponse", "<CompleteLifecycleActionResult/>")


def delete_lifecycle_hook(params: Params) -> Answer:
    hooks.release(_p(params, "AutoScalingGroupName"), _p(params, "LifecycleHookName"))
    return _delete_hook(params)


def put_scheduled_action(params: Params) -> Answer:
    try:
        schedule.check(_p(params, "Recurrence"), _p(params, "TimeZone"))
    except ValueError as refusal:
        return _invalid(str(refusal))
    return _put_scheduled(params)


def record_heartbeat(params: Params) -> Answer:
    wait = _waiting(params)
    if isinstance(wait, tuple):
        return wait
    wait["until"] += wait["heartbeat"]
    return autoscaling._xml(200, "RecordLifecycleActionHeartbeatResponse", "<RecordLifecycleActionHeartbeatResult/>")


def install(grace_max: float) -> None:
    autoscaling._reconcile_instances = lambda group: None
    autoscaling._ACTION_MAP.update(
        CreateAutoScalingGroup=create,
        UpdateAutoScalingGroup=update,
        DeleteAutoScalingGroup=delete,
        DescribeAutoScalingGroups=describe,
        SetDesiredCapacity=set_desired_capacity,
        SetInstanceProtection=set_instance_protection,
        SetInstanceHealth=lambda params: set_instance_health(grace_max, params),
        TerminateInstanceInAutoScalingGroup=terminate_instance,
        DescribeScalingActivities=describe_activities,
        CompleteLifecycleAction=complete_lifecycle_action,
        RecordLifecycleActionHeartbeat=record_heartbeat,
        DeleteLifecycleHook=delete_lifecycle_hook,
        PutScheduledUpdateGroupAction=put_scheduled_action,
    )
