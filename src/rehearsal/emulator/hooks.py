"""Lifecycle hooks: a machine waits before it is in service, or before it ends, until the action is completed."""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, new_uuid
from ministack.services import autoscaling, eventbridge, sns

from . import events
from .activities import now

Group = dict[str, Any]
Member = dict[str, Any]
Hook = dict[str, Any]

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"


def begin(group: Group, member: Member, transition: str) -> bool:
    """Has a machine wait at the group's hooks for a transition. False: there are none."""
    hooks = [
        hook
        for hook in autoscaling._hooks.values()
        if hook["AutoScalingGroupName"] == group["AutoScalingGroupName"] and hook["LifecycleTransition"] == transition
    ]
    member["_waits"] = {hook["LifecycleHookName"]: _wait(group, member, hook) for hook in hooks}
    return bool(hooks)


def _wait(group: Group, member: Member, hook: Hook) -> dict[str, Any]:
    token = new_uuid()
    detail = events.lifecycle_action(group, hook, member["InstanceId"], token)
    target = hook.get("NotificationTargetARN")
    if target:
        _notify(target, {"Service": "AWS Auto Scaling", "Time": now(), "AccountId": get_account_id(), **detail})
    heartbeat = hook["HeartbeatTimeout"]
    return {"token": token, "until": time.time() + heartbeat, "heartbeat": heartbeat, "default": hook["DefaultResult"]}


def _notify(target: str, message: dict[str, Any]) -> None:
    spec = parse_arn(target)
    if spec.service == "sns":
        transition = message["LifecycleTransition"].rsplit("_", 1)[1]
        subject = f"Auto Scaling: Lifecycle action '{transition}' for instance {message['EC2InstanceId']}"
        sns.publish_internal(target, json.dumps(message), subject)
    elif spec.service == "sqs":
        eventbridge._dispatch_to_sqs(spec, json.dumps(message))


def outcome(member: Member) -> str | None:
    """The result of all hooks at which a machine waits: `CONTINUE`, `ABANDON`, or None while it waits."""
    waits = member.get("_waits", {})
    for wait in waits.values():
        if "result" not in wait and time.time() > wait["until"]:
            wait["result"] = wait["default"]
    results = [wait.get("result") for wait in waits.values()]
    if "ABANDON" in results:
        return "ABANDON"
    return None if None in results else "CONTINUE"


def release(group_name: str, hook_name: str) -> None:
    """Ends the wait at a hook that is deleted: terminating machines continue, and launching ones are abandoned."""
    for member in (autoscaling._asgs.get(group_name) or {}).get("Instances", []):
        wait = member.get("_waits", {}).get(hook_name)
        if wait:
            wait.setdefault("result", "ABANDON" if member["LifecycleState"] == "Pending:Wait" else "CONTINUE")


def find(group: Group, hook_name: str, instance_id: str, token: str) -> dict[str, Any] | None:
    """The wait that a call refers to, by instance or token."""
    for member in group["Instances"]:
        wait = member.get("_waits", {}).get(hook_name)
        if wait and "result" not in wait and (wait["token"] == token if token else member["InstanceId"] == instance_id):
            return wait
    return None
