"""Scaling activities: the actions of a group with time and cause, in Auto Scaling's format."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import autoscaling, sns

from . import events

Group = dict[str, Any]
Activity = dict[str, Any]

# Older activities are dropped.
KEPT = 100


def now() -> str:
    """The time in Auto Scaling's format."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def at(sentence: str) -> str:
    """A sentence of a cause, with its time: `At 2026-…Z an instance was …`."""
    return f"At {now()} {sentence}"


def begin(group: Group, description: str, cause: str, zone: str, subnet: str, instance_id: str = "") -> Activity:
    """Starts an activity."""
    activity = {
        "ActivityId": new_uuid(),
        "AutoScalingGroupName": group["AutoScalingGroupName"],
        "Description": description,
        "Cause": cause,
        "StartTime": now(),
        "StatusCode": "InProgress",
        "Progress": 50,
        "Details": json.dumps({"Subnet ID": subnet, "Availability Zone": zone}, separators=(",", ":")),
        "AutoScalingGroupARN": group["AutoScalingGroupARN"],
        "_zone": zone,
        "_subnet": subnet,
        "_instance": instance_id,
    }
    log = group.setdefault("_activities", [])
    log.insert(0, activity)
    del log[KEPT:]
    return activity


def end(group: Group, kind: str, activity: Activity, failure: str = "") -> None:
    """Completes an activity (`Launch` or `Terminate`): record, event, and the group's notifications."""
    activity.update(EndTime=now(), _ended=time.time(), Progress=100, StatusCode="Failed" if failure else "Successful")
    if failure:
        activity["StatusMessage"] = failure
    events.scaling_activity(kind, group, activity)
    _notify(group, f"autoscaling:EC2_INSTANCE_{kind.upper()}" + ("_ERROR" if failure else ""), activity)


def _notify(group: Group, event: str, activity: Activity) -> None:
    for topic, kinds in group.get("_notifications", []):
        if event not in kinds:
            continue
        body = {
            "Service": "AWS Auto Scaling",
            "Time": now(),
            "Event": event,
            "AutoScalingGroupName": group["AutoScalingGroupName"],
            "AutoScalingGroupARN": group["AutoScalingGroupARN"],
            "ActivityId": activity["ActivityId"],
            "Description": activity["Description"],
            "Cause": activity["Cause"],
            "StatusCode": "Failed" if activity["StatusCode"] == "Failed" else "InProgress",
            "StatusMessage": activity.get("StatusMessage", ""),
            "EC2InstanceId": activity["_instance"],
            "Details": json.loads(activity["Details"]),
        }
        what = event.rsplit("EC2_INSTANCE_", 1)[1].lower().replace("_", " ")
        sns.publish_internal(
            topic, json.dumps(body), f'Auto Scaling: {what} for group "{group["AutoScalingGroupName"]}"'
        )


def xml(activity: Activity) -> str:
    """An activity as in the API's response."""
    return autoscaling._member_xml({key: value for key, value in activity.items() if not key.startswith("_")})
