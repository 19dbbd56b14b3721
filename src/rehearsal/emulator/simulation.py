"""Simulated machines: they start after a delay, serve after another, and end on request. An image of one takes a delay, too.

Like real ones, they complete convoke's launch hook when they serve.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.services import autoscaling, ec2

from . import faults, hooks

JsonObject = dict[str, Any]

# As in src/contract.
LAUNCH_HOOK = "convoke-launch"
RELEASE_TAG = "convoke:release"


class Simulation:
    """Replaces the machines' daemon."""

    def __init__(self, boot: float) -> None:
        self._boot = boot
        self._since: dict[tuple[str, str], float] = {}

    async def answer(self, desired: JsonObject) -> JsonObject:
        """The actual state that would follow from the desired one."""
        wanted = {i["id"]: i["wanted"] for i in desired["instances"]}
        machines = {}
        for instance_id, state in wanted.items():
            age = self._age(instance_id, state)
            if instance_id in faults.named("dead"):
                machines[instance_id] = {"state": "dead", "reason": "it was asked to be dead"}
            elif state == "running":
                machines[instance_id] = {"state": "running" if age >= self._boot else "starting", "reason": ""}
            elif state == "stopped":
                machines[instance_id] = {"state": "stopped", "reason": ""}
        images = {
            image["id"]: {"state": "available" if self._age(image["id"], "made") >= self._boot else "pending", "reason": ""}
            for image in desired["images"]
        }
        wanted.update(dict.fromkeys(images, "made"))
        targets = {
            group["arn"]: {target["id"]: self._health(target["id"]) for target in group["targets"]}
            for group in desired["targetGroups"]
        }
        self._since = {key: since for key, since in self._since.items() if wanted.get(key[0]) == key[1]}
        return {"machines": machines, "images": images, "targets": targets}

    def complete_launches(self) -> None:
        """Completes the launch hooks of machines that serve, and of those whose release does not work."""
        for group in autoscaling._asgs.values():
            for member in group["Instances"]:
                instance_id = member["InstanceId"]
                wait = hooks.find(group, LAUNCH_HOOK, instance_id, "") if member["LifecycleState"] == "Pending:Wait" else None
                if wait and _release(instance_id) in faults.named("failing"):
                    wait["result"] = "ABANDON"
                elif wait and self._serves(instance_id):
                    wait["result"] = "CONTINUE"

    def _serves(self, instance_id: str) -> bool:
        return self._age(instance_id, "running") >= 2 * self._boot

    def _age(self, instance_id: str, state: str) -> float:
        return time.monotonic() - self._since.setdefault((instance_id, state), time.monotonic())

    def _health(self, instance_id: str) -> JsonObject:
        if instance_id in faults.named("unhealthy"):
            return {"state": "unhealthy", "reason": "Target.FailedHealthChecks: Health checks failed"}
        return {"state": "healthy" if self._serves(instance_id) else "initial", "reason": ""}


def _release(instance_id: str) -> str:
    """The release of Jitsi that a machine was launched with."""
    return next((tag["Value"] for tag in ec2._tags.get(instance_id, []) if tag["Key"] == RELEASE_TAG), "")
