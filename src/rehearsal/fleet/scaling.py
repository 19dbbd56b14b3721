"""Alarms that change a group's size.

Replaces in `ministack.services.cloudwatch`: `_dispatch_alarm_actions`, which publishes to SNS and does nothing more.
"""

from __future__ import annotations

import math
from typing import Any

from ministack.services import autoscaling, cloudwatch

from . import groups

_dispatch = cloudwatch._dispatch_alarm_actions


def dispatch(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
    _dispatch(alarm, old_state, new_state, reason)
    if new_state != "ALARM" or not alarm.get("ActionsEnabled", True):
        return
    for policy in autoscaling._policies.values():
        group = autoscaling._asgs.get(policy["AutoScalingGroupName"])
        if group and policy["PolicyARN"] in alarm.get("AlarmActions", []):
            apply(group, policy, alarm)


def apply(group: groups.Group, policy: dict[str, Any], alarm: dict[str, Any]) -> None:
    """One policy, once. Auto Scaling would go on while the alarm lasts; here each alarm is one step."""
    before = group["DesiredCapacity"]
    after = max(group["MinSize"], min(group["MaxSize"], _wanted(before, policy, alarm["AlarmName"])))
    if after == before:
        return
    group["DesiredCapacity"] = after
    groups.resized(
        group,
        f"a monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {policy['PolicyName']} "
        f"changing the desired capacity from {before} to {after}.",
    )


def _wanted(size: int, policy: dict[str, Any], alarm_name: str) -> int:
    if policy["PolicyType"] == "TargetTrackingScaling":
        return size + (1 if "AlarmHigh" in alarm_name else -1)
    steps = policy.get("StepAdjustments")
    amount = int((steps[0] if steps else policy).get("ScalingAdjustment", 0))
    match policy.get("AdjustmentType"):
        case "ExactCapacity":
            return amount
        case "PercentChangeInCapacity":
            change = size * amount / 100
            return size + (math.ceil(change) if change > 0 else math.floor(change))
        case _:
            return size + amount


def install() -> None:
    cloudwatch._dispatch_alarm_actions = dispatch
