"""Instance refresh: a group replaces its machines by machines of another configuration.

Launch before terminate: machines of the desired configuration are launched above the group's size, and for each one
that is ready an old one is terminated through its hooks. A rollback does the same in the other direction.

Replaces in `ministack.services.autoscaling` the actions StartInstanceRefresh, DescribeInstanceRefreshes and
CancelInstanceRefresh; adds RollbackInstanceRefresh.
"""

from __future__ import annotations

import time
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import new_uuid
from ministack.services import autoscaling, cloudwatch

from . import groups, mixed_instances, targets
from .activities import at, now
from .strict import launches, principals, stack_rights

Params = dict[str, Any]
Group = dict[str, Any]
Member = dict[str, Any]
Refresh = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

# Launches that may fail before a refresh fails. Auto Scaling tries for longer; a rehearsal cannot.
FAILED_LAUNCHES = 3

REPLACED = "an instance was taken out of service in response to an instance refresh."
NO_ROLLBACK = (
    "The AutoRollback parameter cannot be set to true when the DesiredConfiguration parameter is empty. "
    "Set AutoRollback to false or specify a desired configuration and try again."
)
ONLY_LAUNCH_FIRST = (
    "The rehearsal simulates only launch before terminate: MinHealthyPercentage 100 and a MaxHealthyPercentage from 101 to 200."
)

_p = autoscaling._p


def active(group: Group) -> Refresh | None:
    """The refresh in progress."""
    return next((r for r in group.get("_refreshes", []) if r["Status"] in groups.REFRESHING), None)


def step(group: Group, warmup_max: float) -> None:
    """Takes the next step of the refresh in progress. `warmup_max` limits the warm-up of a machine, in seconds."""
    refresh = active(group)
    if refresh is None or group.get("_deleting"):
        return
    if refresh["Status"] == "Pending":
        refresh["Status"] = "InProgress"
    staying = [member for member in group["Instances"] if not groups.leaving(member)]
    old = [member for member in staying if member["InstanceId"] in refresh["_old"]]
    ready = [member for member in staying if member not in old and _ready(group, member, min(refresh["_warmup"], warmup_max))]
    desired = group["DesiredCapacity"]
    refresh["InstancesToUpdate"] = len(old)
    refresh["PercentageComplete"] = 100 * (desired - len(old)) // desired if desired else 100
    if not old and len(ready) >= desired:
        _end(group, refresh)
        return
    if _failed_launches(group, refresh) >= FAILED_LAUNCHES:
        _fail(group, refresh, "Instances failed to launch. See the scaling activities.")
        return
    raised = [name for name in refresh["_alarms"] if cloudwatch._alarms[name]["StateValue"] == "ALARM"]
    if raised and refresh["Status"] == "InProgress":
        _fail(group, refresh, f"The following alarms are in the ALARM state: {', '.join(raised)}.")
        return
    _launch(group, len(staying), len(staying) - len(old), max(desired + 1, desired * refresh["_most"] // 100))
    for member in old[: max(0, len(old) + len(ready) - desired)]:
        groups.take_out(group, member, at(REPLACED))


def _launch(group: Group, staying: int, new: int, most: int) -> None:
    while staying < most and new < group["DesiredCapacity"] and time.time() >= group.get("_retry_at", 0):
        if not groups.launch(group, staying, staying + 1):
            group["_retry_at"] = time.time() + groups.RETRY_SECONDS
            return
        staying, new = staying + 1, new + 1


def _ready(group: Group, member: Member, warmup: float) -> bool:
    """In service, warmed up, and healthy for every load balancer."""
    if member["LifecycleState"] != "InService" or time.time() - member["_served"] < warmup:
        return False
    return all(targets.state(arn, member["InstanceId"]) == "healthy" for arn in group.get("_targets", []))


def _failed_launches(group: Group, refresh: Refresh) -> int:
    return sum(
        activity["StatusCode"] == "Failed" and activity.get("_ended", 0) >= refresh["_since"] for activity in group.get("_activities", [])
    )


def _end(group: Group, refresh: Refresh) -> None:
    desired = group.pop("_desired", None)
    if refresh["Status"] == "RollbackInProgress":
        _close(refresh, "RollbackSuccessful")
        return
    if desired:
        mixed = group.get("MixedInstancesPolicy")
        if mixed:
            mixed["LaunchTemplate"]["LaunchTemplateSpecification"] = desired
        else:
            group["LaunchTemplate"] = desired
    refresh["PercentageComplete"] = 100
    _close(refresh, "Successful")


def _fail(group: Group, refresh: Refresh, why: str) -> None:
    refresh["StatusReason"] = why
    if refresh["Status"] == "RollbackInProgress":
        _close(refresh, "RollbackFailed")
    elif refresh["_auto_rollback"]:
        _roll_back(group, refresh)
    else:
        group.pop("_desired", None)
        _close(refresh, "Failed")


def _close(refresh: Refresh, status: str) -> None:
    refresh.update(Status=status, EndTime=now())


def _roll_back(group: Group, refresh: Refresh) -> None:
    """Replaces the machines that the refresh has launched; the others stay."""
    group.pop("_desired", None)
    group["_retry_at"] = 0
    launched = {m["InstanceId"] for m in group["Instances"]} - refresh["_there"]
    refresh.update(Status="RollbackInProgress", _old=launched, _since=time.time())


def start(params: Params) -> Answer:
    group = autoscaling._asgs.get(_p(params, "AutoScalingGroupName"))
    if group is None:
        return _invalid("AutoScalingGroup name not found")
    if active(group):
        return autoscaling._error("InstanceRefreshInProgress", "An Instance Refresh is already in progress.")
    preferences = autoscaling._parse_nested(params, "Preferences") or {}
    least = int(preferences.get("MinHealthyPercentage") or 90)
    most = int(preferences.get("MaxHealthyPercentage") or 100)
    if least != 100 or not 101 <= most <= 200:
        return _invalid(ONLY_LAUNCH_FIRST)
    desired = _desired(autoscaling._parse_nested(params, "DesiredConfiguration") or {})
    rolls_back = _is_true(preferences.get("AutoRollback"))
    if rolls_back and not desired:
        return _invalid(NO_ROLLBACK)
    if desired:
        refused = _refusal(group, desired)
        if refused:
            return autoscaling._error("AccessDenied", escape(f"You are not authorized to use launch template: {refused}"), 403)
        try:
            mixed_instances.check({**group, "_desired": desired})
        except ValueError as refusal:
            return _invalid(str(refusal))
        group["_desired"] = desired
    alarms = _alarms(preferences)
    missing = [name for name in alarms if name not in cloudwatch._alarms]
    if missing:
        group.pop("_desired", None)
        return _invalid(f"The following alarms do not exist: {', '.join(missing)}")
    there = {member["InstanceId"] for member in group["Instances"] if not groups.leaving(member)}
    wanted = mixed_instances.template(group)
    matching = {member["InstanceId"] for member in group["Instances"] if _same(member.get("LaunchTemplate") or {}, wanted)}
    old = there - matching if _is_true(preferences.get("SkipMatching")) else there
    refresh: Refresh = {
        "InstanceRefreshId": new_uuid(),
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "Status": "Pending",
        "StartTime": now(),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(old),
        **({"DesiredConfiguration": {"LaunchTemplate": desired}} if desired else {}),
        "_old": old,
        "_there": there,
        "_since": time.time(),
        "_most": most,
        "_warmup": float(preferences.get("InstanceWarmup") or group["HealthCheckGracePeriod"])
        if preferences.get("InstanceWarmup") != "0"
        else 0.0,
        "_alarms": alarms,
        "_auto_rollback": rolls_back,
        "_desired_given": bool(desired),
    }
    group.setdefault("_refreshes", []).insert(0, refresh)
    return _with_id("StartInstanceRefresh", refresh)


def _refusal(group: Group, desired: dict[str, Any]) -> str | None:
    """Why the caller may not use a launch template: Auto Scaling asks for the rights to launch its instances."""
    caller = principals.caller()
    if caller is None:
        return None
    props = {"LaunchTemplate": desired, "VPCZoneIdentifier": [(group.get("VPCZoneIdentifier") or "").split(",")]}
    asked = [*launches.asked(props), *launches.tagged(props), *launches.passed(props)]
    tags = stack_rights.tag_keys
    refusals = (stack_rights.denial(caller, action, arn, {**tags(action, arn, {}, {}), **keys}) for action, arn, keys in asked)
    return next((refusal for refusal in refusals if refusal), None)


def _desired(configuration: dict[str, Any]) -> dict[str, Any] | None:
    mixed = (configuration.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    return configuration.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification")


def _alarms(preferences: dict[str, Any]) -> list[str]:
    """Names of the alarms that stop a refresh."""
    return list((preferences.get("AlarmSpecification") or {}).get("Alarms") or [])


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    def identity(template: dict[str, Any]) -> tuple[str, str]:
        name = template.get("LaunchTemplateId") or template.get("LaunchTemplateName") or ""
        return name, str(template.get("Version") or "$Default")

    return identity(one) == identity(other)


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def cancel(params: Params) -> Answer:
    """Ends a refresh where it is: replaced machines stay replaced."""
    group, refresh = _in_progress(params)
    if group is None or refresh is None:
        return _none(params)
    group.pop("_desired", None)
    _close(refresh, "Cancelled")
    return _with_id("CancelInstanceRefresh", refresh)


def rollback(params: Params) -> Answer:
    group, refresh = _in_progress(params)
    if group is None or refresh is None:
        return _none(params)
    if not refresh["_desired_given"]:
        message = "The instance refresh has no desired configuration, so it cannot be rolled back."
        return autoscaling._error("IrreversibleInstanceRefresh", message)
    if refresh["Status"] != "RollbackInProgress":
        _roll_back(group, refresh)
    return _with_id("RollbackInstanceRefresh", refresh)


def describe(params: Params) -> Answer:
    group = autoscaling._asgs.get(_p(params, "AutoScalingGroupName"))
    if group is None:
        return _invalid("AutoScalingGroup name not found")
    wanted = autoscaling._parse_member_list(params, "InstanceRefreshIds")
    found = [r for r in group.get("_refreshes", []) if not wanted or r["InstanceRefreshId"] in wanted]
    members = "".join(
        f"<member>{autoscaling._member_xml({k: v for k, v in refresh.items() if not k.startswith('_')})}</member>" for refresh in found
    )
    result = f"<DescribeInstanceRefreshesResult><InstanceRefreshes>{members}</InstanceRefreshes></DescribeInstanceRefreshesResult>"
    return autoscaling._xml(200, "DescribeInstanceRefreshesResponse", result)


def _in_progress(params: Params) -> tuple[Group | None, Refresh | None]:
    group = autoscaling._asgs.get(_p(params, "AutoScalingGroupName"))
    return group, active(group) if group else None


def _none(params: Params) -> Answer:
    name = _p(params, "AutoScalingGroupName")
    message = f"No in progress or pending Instance Refresh found for Auto Scaling group {escape(name)}"
    return autoscaling._error("ActiveInstanceRefreshNotFound", message)


def _invalid(message: str) -> Answer:
    return autoscaling._error("ValidationError", escape(message))


def _with_id(action: str, refresh: Refresh) -> Answer:
    result = f"<{action}Result><InstanceRefreshId>{refresh['InstanceRefreshId']}</InstanceRefreshId></{action}Result>"
    return autoscaling._xml(200, f"{action}Response", result)


def install() -> None:
    autoscaling._ACTION_MAP.update(
        StartInstanceRefresh=start,
        DescribeInstanceRefreshes=describe,
        CancelInstanceRefresh=cancel,
        RollbackInstanceRefresh=rollback,
    )
