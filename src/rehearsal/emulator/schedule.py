"""Scheduled actions: they change a group's size at their time.

    created → waits for its time → changes the group → waits for the next time, or is removed

Replaces in `ministack.services.autoscaling`: the action DescribeScheduledActions, which has no next time.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from ministack.services import autoscaling, cloudwatch

from . import groups

Action = dict[str, Any]
Params = dict[str, Any]

_describe = autoscaling._describe_scheduled_actions


def check(recurrence: str | None, zone: str | None) -> None:
    """Raises ValueError with Auto Scaling's message for an invalid recurrence or time zone."""
    if zone and zone not in _canonical():
        raise ValueError(f"The time zone {zone} is not a canonical name of the IANA time zone database.")
    home = ZoneInfo(zone or "UTC")
    if recurrence:
        try:
            CronSim(recurrence, datetime.now(home))
        except CronSimError as error:
            raise ValueError(f"Given recurrence string: {recurrence} is invalid: {error}") from None


@cache
def _canonical() -> frozenset[str]:
    """Canonical names of time zones: `zone.tab` of the database, and its fixed offsets."""
    table = (resources.files("tzdata") / "zoneinfo/zone.tab").read_text()
    places = {line.split("\t")[2] for line in table.splitlines() if line and not line.startswith("#")}
    offsets = {f"Etc/GMT{hours:+d}" for hours in range(-14, 13) if hours}
    return frozenset(places | offsets | {"Etc/UTC", "Etc/GMT"})


def following(action: Action, moment: float) -> float | None:
    """The next time of an action after a moment, in seconds since 1970. None: never."""
    start, end = (cloudwatch._parse_ts(action.get(name)) for name in ("StartTime", "EndTime"))
    if not action["Recurrence"]:
        return start if start is not None and start > moment else None
    begin = datetime.fromtimestamp(max(moment, start or 0), ZoneInfo(action.get("TimeZone") or "UTC"))
    due = next(CronSim(action["Recurrence"], begin)).timestamp()
    return None if end is not None and due > end else due


def tick() -> None:
    """Executes due actions of the current account and region, and removes completed ones, as Auto Scaling does."""
    now = time.time()
    for key, action in list(autoscaling._scheduled_actions.items()):
        group = autoscaling._asgs.get(action["AutoScalingGroupName"])
        if group is None:
            autoscaling._scheduled_actions.pop(key, None)
            continue
        # A changed action has another time.
        terms = tuple(str(action.get(name)) for name in ("Recurrence", "TimeZone", "StartTime", "EndTime"))
        if action.get("_terms") != terms:
            action.update(_terms=terms, _due=following(action, now))
        due = action["_due"]
        if due is not None and now >= due:
            _carry_out(group, action)
            due = action["_due"] = following(action, now)
        if due is None:
            autoscaling._scheduled_actions.pop(key, None)


def _carry_out(group: groups.Group, action: Action) -> None:
    before = group["DesiredCapacity"]
    for name in ("MinSize", "MaxSize", "DesiredCapacity"):
        if action[name] >= 0:
            group[name] = action[name]
    low, high = group["MinSize"], group["MaxSize"]
    now = group["DesiredCapacity"] = max(low, min(high, group["DesiredCapacity"]))
    if now != before:
        groups.resized(
            group,
            f"a scheduled action update of AutoScalingGroup constraints to min: {low}, max: {high}, desired: {now} "
            f"changing the desired capacity from {before} to {now}.",
        )


def describe(params: Params) -> Any:
    """MiniStack's description, with the next time of recurring actions."""
    status, headers, body = _describe(params)
    text = body.decode()
    for action in autoscaling._scheduled_actions.values():
        due = following(action, time.time())
        if due is None or action.get("StartTime"):
            continue
        when = datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        name = re.escape(action["ScheduledActionARN"])
        text = re.sub(
            rf"(<ScheduledActionARN>{name}.*?)</member>", rf"\g<1><StartTime>{when}</StartTime></member>", text, count=1
        )
    return status, headers, text.encode()


def install() -> None:
    autoscaling._ACTION_MAP["DescribeScheduledActions"] = describe
