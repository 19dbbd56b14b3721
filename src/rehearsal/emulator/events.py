"""EventBridge events, in the shape in which EC2 and Auto Scaling send them."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import eventbridge

from .scope import arn

JsonObject = dict[str, Any]


def instance_arn(instance_id: str) -> str:
    return arn("ec2", f"instance/{instance_id}")


def instance_state(instance_id: str, state: str) -> None:
    """An instance has entered a state."""
    _send(
        "aws.ec2",
        "EC2 Instance State-change Notification",
        {"instance-id": instance_id, "state": state},
        [instance_arn(instance_id)],
    )


def spot_interruption(instance_id: str) -> None:
    """Events for a spot interruption: the rebalance recommendation and the notice."""
    detail, resources = {"instance-id": instance_id}, [instance_arn(instance_id)]
    _send("aws.ec2", "EC2 Instance Rebalance Recommendation", detail, resources)
    _send("aws.ec2", "EC2 Spot Instance Interruption Warning", {**detail, "instance-action": "terminate"}, resources)


def certificate_ending(certificate_arn: str, days: int) -> None:
    """A certificate that is not renewed expires in this many days."""
    _send("aws.acm", "ACM Certificate Approaching Expiration", {"DaysToExpiry": days}, [certificate_arn])


def scaling_activity(kind: str, group: JsonObject, activity: JsonObject) -> None:
    """The result of a launch (`Launch`) or termination (`Terminate`) of a group's machine."""
    failed = activity["StatusCode"] == "Failed"
    origin, destination = ("EC2", "AutoScalingGroup") if kind == "Launch" else ("AutoScalingGroup", "EC2")
    instance_id = activity["_instance"]
    detail = {
        # Auto Scaling reports `InProgress` in the event of a successful activity.
        "StatusCode": "Failed" if failed else "InProgress",
        "Description": activity["Description"],
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "ActivityId": activity["ActivityId"],
        "Details": {"Subnet ID": activity["_subnet"], "Availability Zone": activity["_zone"]},
        "RequestId": activity["ActivityId"],
        "StatusMessage": activity.get("StatusMessage", ""),
        "StartTime": activity["StartTime"],
        "EndTime": activity["EndTime"],
        "EC2InstanceId": instance_id,
        "Cause": activity["Cause"],
        "Origin": origin,
        "Destination": destination,
    }
    resources = [group["AutoScalingGroupARN"]] + ([instance_arn(instance_id)] if instance_id else [])
    _send("aws.autoscaling", f"EC2 Instance {kind} {'Unsuccessful' if failed else 'Successful'}", detail, resources)


def lifecycle_action(group: JsonObject, hook: JsonObject, instance_id: str, token: str) -> JsonObject:
    """A machine waits at a hook. Returns the event's detail, which is also in the hook's own notification."""
    launching = hook["LifecycleTransition"].endswith("LAUNCHING")
    detail = {
        "LifecycleActionToken": token,
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "LifecycleHookName": hook["LifecycleHookName"],
        "EC2InstanceId": instance_id,
        "LifecycleTransition": hook["LifecycleTransition"],
        "Origin": "EC2" if launching else "AutoScalingGroup",
        "Destination": "AutoScalingGroup" if launching else "EC2",
    }
    if hook.get("NotificationMetadata"):
        detail["NotificationMetadata"] = hook["NotificationMetadata"]
    kind = "launch" if launching else "terminate"
    _send("aws.autoscaling", f"EC2 Instance-{kind} Lifecycle Action", detail, [group["AutoScalingGroupARN"]])
    return detail


def alarm_state(alarm: JsonObject, before: str, reason: str) -> None:
    """An alarm has entered the state that it has now."""
    detail = {
        "alarmName": alarm["AlarmName"],
        "state": {"value": alarm["StateValue"], "reason": reason},
        "previousState": {"value": before},
        "configuration": {"description": alarm.get("AlarmDescription", "")},
    }
    _send("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm["AlarmArn"]])


def _send(source: str, detail_type: str, detail: JsonObject, resources: list[str]) -> None:
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": resources}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
