"""CloudWatch's text for an alarm: email subscribers get it, all others the JSON."""

from __future__ import annotations

import json
from typing import Any


def alarm_text(message: str) -> str | None:
    """The text of an alarm's mail; None if the message is not an alarm."""
    try:
        alarm = json.loads(message)
    except ValueError:
        return None
    if not isinstance(alarm, dict) or "NewStateValue" not in alarm or "AlarmName" not in alarm:
        return None
    return "\n".join(_lines(alarm))


def _lines(alarm: dict[str, Any]) -> list[str]:
    trigger = alarm.get("Trigger", {})
    name, state, region = alarm["AlarmName"], alarm["NewStateValue"], alarm["Region"]
    return [
        f'You are receiving this email because your Amazon CloudWatch Alarm "{name}" in the {region} region has entered the '
        f'{state} state, because "{alarm["NewStateReason"]}" at "{alarm["StateChangeTime"]}".',
        "",
        "Alarm Details:",
        f"- Name:                       {name}",
        f"- Description:                {alarm.get('AlarmDescription', '')}",
        f"- State Change:               {alarm['OldStateValue']} -> {state}",
        f"- Reason for State Change:    {alarm['NewStateReason']}",
        f"- Timestamp:                  {alarm['StateChangeTime']}",
        f"- AWS Account:                {alarm['AWSAccountId']}",
        "",
        "Threshold:",
        f"- The alarm is in the ALARM state when the metric is {trigger.get('ComparisonOperator')} {trigger.get('Threshold')} "
        f"for {trigger.get('EvaluationPeriods')} period(s) of {trigger.get('Period')} seconds.",
        *_monitored(trigger),
    ]


def _monitored(trigger: dict[str, Any]) -> list[str]:
    """The alarm's metric; an expression has several, which the message does not contain."""
    if not trigger.get("MetricName"):
        return []
    return [
        "",
        "Monitored Metric:",
        f"- MetricNamespace:            {trigger.get('Namespace')}",
        f"- MetricName:                 {trigger.get('MetricName')}",
        f"- Dimensions:                 {_dimensions(trigger)}",
    ]


def _dimensions(trigger: dict[str, Any]) -> str:
    return ", ".join(
        f"[{d.get('Name', d.get('name'))} = {d.get('Value', d.get('value'))}]" for d in trigger.get("Dimensions") or []
    )
