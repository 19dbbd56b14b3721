"""Scaling policies: the effect of an alarm on a group's size.

Replaces in `ministack.services.cloudwatch`: `_dispatch_alarm_actions`, which only publishes to SNS.
"""

from __future__ import annotations

import json
import logging
import math
import time
from typing import Any

from ministack.services import autoscaling, cloudwatch

from . import events, groups

Alarm = dict[str, Any]
Policy = dict[str, Any]

logger = logging.getLogger("emulator")

_dispatch = cloudwatch._dispatch_alarm_actions
_cooldown_max = math.inf


def dispatch(alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
    """Actions for an alarm's new state: mail, EventBridge, and scaling policies."""
    _dispatch(alarm, old_state, new_state, reason)
    events.alarm_state(alarm, old_state, reason)
    if new_state == "ALARM":
        call(alarm)


def call(alarm: Alarm) -> None:
    """Executes the policies of an alarm once."""
    if not alarm.get("ActionsEnabled", True):
        return
    for policy in list(autoscaling._policies.values()):
        group = autoscaling._asgs.get(policy["AutoScalingGroupName"])
        enabled = policy.get("Enabled", True) and policy["PolicyARN"] in alarm.get("AlarmActions", [])
        if group and enabled and not group.get("_deleting"):
            apply(group, policy, alarm)


def apply(group: groups.Group, policy: Policy, alarm: Alarm) -> None:
    before = group["DesiredCapacity"]
    wanted = _by_step(group, policy, alarm) if policy["PolicyType"] == "StepScaling" else _by_one(group, policy, alarm)
    if wanted is None:
        return
    after = max(group["MinSize"], min(group["MaxSize"], wanted))
    if after == before:
        return
    group["DesiredCapacity"] = after
    groups.resized(
        group,
        f"a monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {policy['PolicyName']} "
        f"changing the desired capacity from {before} to {after}.",
    )


def _by_one(group: groups.Group, policy: Policy, alarm: Alarm) -> int | None:
    """The size from a simple policy; None during an activity or cooldown."""
    size = group["DesiredCapacity"]
    if policy["PolicyType"] == "TargetTrackingScaling":
        return size + (1 if "AlarmHigh" in alarm["AlarmName"] else -1)
    if not _cooled_down(group):
        return None
    group["_cooldown"] = (time.time(), min(_seconds(policy, "Cooldown", group), _cooldown_max))
    return _adjusted(size, policy, int(policy.get("ScalingAdjustment", 0)))


def _cooled_down(group: groups.Group) -> bool:
    """Whether the last activity of a simple policy and its cooldown are over."""
    if "_cooldown" not in group:
        return True
    log = group.get("_activities", [])
    if any(activity["StatusCode"] == "InProgress" for activity in log):
        return False
    since, seconds = group["_cooldown"]
    return time.time() >= max([since, *(activity["_ended"] for activity in log)]) + seconds


def _by_step(group: groups.Group, policy: Policy, alarm: Alarm) -> int | None:
    """The size from a step policy; None if no step matches the breach.

    Machines of an earlier step count as existing capacity while they warm up: the same step adds no more, a higher one
    adds the difference. While some warm up, none are removed.
    """
    value = _aggregated(policy, alarm)
    step = None if value is None else _step(policy, value - alarm["Threshold"])
    if step is None:
        logger.info("policy %s has no step for %s of alarm %s", policy["PolicyName"], value, alarm["AlarmName"])
        return None
    size = group["DesiredCapacity"]
    if _is_warm(group, _seconds(policy, "EstimatedInstanceWarmup", group)):
        group.pop("_grew_from", None)
    base = min(size, group.get("_grew_from", size))
    wanted = _adjusted(base, policy, int(step["ScalingAdjustment"]))
    if wanted > base:
        group["_grew_from"] = base
        return max(size, wanted)
    return wanted if "_grew_from" not in group else size


def _seconds(policy: Policy, name: str, group: groups.Group) -> float:
    """A duration of the policy. Default: the group's cooldown."""
    return float(policy[name] if name in policy else group["DefaultCooldown"])


def _is_warm(group: groups.Group, seconds: float) -> bool:
    """Whether all desired members are in service, for at least this long."""
    served = [m["_served"] for m in group["Instances"] if m["LifecycleState"] == "InService"]
    return len(served) >= group["DesiredCapacity"] and all(time.time() - since >= seconds for since in served)


def _aggregated(policy: Policy, alarm: Alarm) -> float | None:
    """The value of an alarm's metric, from the datapoints in the alarm's state data."""
    recent = json.loads(alarm.get("StateReasonData") or "{}").get("recentDatapoints") or []
    if not recent:
        return None
    match policy.get("MetricAggregationType"):
        case "Maximum":
            return max(recent)
        case "Minimum":
            return min(recent)
        case _:
            return sum(recent) / len(recent)


def _step(policy: Policy, breach: float) -> dict[str, Any] | None:
    for step in policy.get("StepAdjustments", []):
        low, high = step.get("MetricIntervalLowerBound", -math.inf), step.get("MetricIntervalUpperBound", math.inf)
        # Above the threshold an interval includes its lower bound, below it its upper bound.
        if (low <= breach < high) if breach >= 0 else (low < breach <= high):
            return step
    return None


def _adjusted(size: int, policy: Policy, amount: int) -> int:
    match policy.get("AdjustmentType"):
        case "ExactCapacity":
            return amount
        case "PercentChangeInCapacity":
            change = size * amount / 100
            return size + (math.ceil(change) if change > 0 else math.floor(change))
        case _:
            return size + amount


def install(alarm_max: float) -> None:
    global _cooldown_max
    _cooldown_max = alarm_max
    cloudwatch._dispatch_alarm_actions = dispatch
