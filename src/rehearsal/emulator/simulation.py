"""Simulated machines: they start after a while, are healthy a while later, and end on request."""

from __future__ import annotations

import time
from typing import Any

from . import faults

JsonObject = dict[str, Any]


class Simulation:
    """Answers in place of the machines' daemon."""

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
        self._since = {key: since for key, since in self._since.items() if wanted.get(key[0]) == key[1]}
        targets = {
            group["arn"]: {target["id"]: self._health(target["id"]) for target in group["targets"]}
            for group in desired["targetGroups"]
        }
        return {"machines": machines, "targets": targets}

    def _age(self, instance_id: str, state: str) -> float:
        return time.monotonic() - self._since.setdefault((instance_id, state), time.monotonic())

    def _health(self, instance_id: str) -> JsonObject:
        if instance_id in faults.named("unhealthy"):
            return {"state": "unhealthy", "reason": "Target.FailedHealthChecks: Health checks failed"}
        ready = self._age(instance_id, "running") >= 2 * self._boot
        return {"state": "healthy" if ready else "initial", "reason": ""}
