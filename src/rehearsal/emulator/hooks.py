"""Lifecycle hooks: a machine waits before it serves, or before it ends, until someone says go on."""

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
    """Stops a machine at the group's hooks for a transition. False: there is none."""
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
        subject = f"Auto Scaling: Lifecycle action '{message['LifecycleTransition'].rsplit('_', 1)[1]}' for instance {message['EC2InstanceId']}"
        sns.publish_internal(target, json.dumps(message), subject)
    elif spec.service == "sqs":
        eventbridge._dispatch_to_sqs(spec, json.dumps(message))


def outcome(member: Member) -> str | None:
    """What came of all hooks at which a machine waits: `CONTINUE`, `ABANDON`, or None while it waits on."""
    waits = member.get("_waits", {})
    for wait in waits.values():
        if "result" not in wait and time.time() > wait["until"]:
            wait["result"] = wait["default"]
    results = [wait.get("result") for wait in waits.values()]
    if "ABANDON" in results:
        return "ABANDON"
    return None if None in results else "CONTINUE"


def release(group_name: str, hook_name: str) -> None:
    """Lets those go on who wait at a hook that is deleted: out if they were leaving, and out too if they were coming."""
    for member in (autoscaling._asgs.get(group_name) or {}).get("Instances", []):
        wait = member.get("_waits", {}).get(hook_name)
        if wait:
            wait.setdefault("result", "ABANDON" if member["LifecycleState"] == "Pending:Wait" else "CONTINUE")


def find(group: Group, hook_name: str, instance_id: str, token: str) -> dict[str, Any] | None:
    """The wait that a caller means, by instance or by token."""
    for member in group["Instances"]:
        wait = member.get("_waits", {}).get(hook_name)
        if wait and "result" not in wait and (wait["token"] == token if token else member["InstanceId"] == instance_id):
            return wait
    return None
