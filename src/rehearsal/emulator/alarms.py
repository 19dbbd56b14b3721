"""CloudWatch's metric alarms, evaluated periodically.

After each period, an alarm evaluates the last datapoints: M out of N have to breach, and missing ones are treated as
configured. Ten minutes for ten datapoints are too long for a rehearsal, so `alarm_max` limits the window of an alarm:
it evaluates fewer periods, and if necessary a shorter one. Counts and sums of a shortened period are scaled up, as if
there were data for the whole period. An alarm that looks at more than a day keeps its window: what it is about takes
days in a rehearsal too.

Replaces in `ministack.services.cloudwatch`: `_evaluate_alarm`, which supports neither periods nor missing data.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch

from . import metric_data, metric_math, scaling

Alarm = dict[str, Any]
Values = list[float | None]

# Metrics of a period may arrive slightly after its end.
LATE_SECONDS = 1
# Seconds. The window of an alarm with a longer one is not limited.
LONGEST_SHORTENED = 24 * 60 * 60
# Number of additional periods that CloudWatch evaluates to make up for missing datapoints.
SPARE_PERIODS = 2

_BREACHES = {
    "GreaterThanOrEqualToThreshold": (lambda value, limit: value >= limit, "greater than or equal to"),
    "GreaterThanThreshold": (lambda value, limit: value > limit, "greater than"),
    "LessThanThreshold": (lambda value, limit: value < limit, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, limit: value <= limit, "less than or equal to"),
}

# By ARN: the end of the last evaluated period, and when the alarm's scaling policies were last called.
_evaluated: dict[str, float] = {}
_called: dict[str, float] = {}


@dataclass(frozen=True)
class Window:
    """The window of an alarm."""

    period: float
    """Seconds."""
    periods: int
    needed: int
    """Number of datapoints that have to breach."""
    spare: int
    scale: float
    """Factor for counts and sums of a period."""


def window(alarm: Alarm, alarm_max: float) -> Window:
    """An alarm's window, limited to `alarm_max` seconds."""
    period, periods = period_of(alarm), alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm") or periods
    if period * periods <= alarm_max or period * periods > LONGEST_SHORTENED:
        return Window(period, periods, needed, SPARE_PERIODS, 1)
    shorter = min(period, alarm_max)
    fewer = max(1, int(alarm_max // shorter))
    return Window(shorter, fewer, max(1, math.ceil(needed * fewer / periods)), 0, period / shorter)


def period_of(alarm: Alarm) -> float:
    """The seconds of one period. All metrics of an expression have the same."""
    periods = [m["MetricStat"]["Period"] for m in alarm.get("Metrics") or [] if "MetricStat" in m]
    return periods[0] if periods else alarm["Period"]


def check(alarm: Alarm) -> None:
    """Raises ValueError, with an explanation, if an alarm uses something that is not emulated."""
    if alarm.get("ComparisonOperator") not in _BREACHES:
        raise ValueError(f"The rehearsal does not simulate alarms by {alarm.get('ComparisonOperator')}.")
    metrics = alarm.get("Metrics")
    period = period_of(alarm)
    if period not in (10, 20, 30) and period % 60:
        raise ValueError(f"Period must be 10, 20, 30 or a multiple of 60, not {period}.")
    if not metrics:
        return
    ids = frozenset(metric["Id"] for metric in metrics if "MetricStat" in metric)
    if len({metric["MetricStat"]["Period"] for metric in metrics if "MetricStat" in metric}) != 1:
        raise ValueError("The metrics of an alarm's expression must have one and the same Period.")
    if sum(metric["ReturnData"] for metric in metrics) != 1:
        raise ValueError("Exactly one of an alarm's Metrics must have ReturnData true.")
    for metric in metrics:
        if "Expression" in metric:
            metric_math.parse(metric["Expression"], ids)


def tick(alarm_max: float) -> None:
    """Evaluates every alarm of the current account and region whose next period has ended."""
    now = time.time()
    for alarm in list(cloudwatch._alarms.values()):
        _look(alarm, now, alarm_max)


def _look(alarm: Alarm, now: float, alarm_max: float) -> None:
    arn, span = alarm["AlarmArn"], window(alarm, alarm_max)
    # The window slides: long periods do not have to end before the next evaluation.
    step = min(span.period, alarm_max)
    end = math.floor((now - LATE_SECONDS) / step) * step
    if _evaluated.get(arn) == end:
        return
    _evaluated[arn] = end
    values = _values(alarm, span, end)
    state, reason = judge(alarm, span, values)
    if state is not None:
        alarm["StateReasonData"] = _reason_data(alarm, span, values, end)
        if state != alarm["StateValue"]:
            _enter(alarm, state, reason)
            _called[arn] = now
    # Scaling policies are called again each minute while the alarm lasts; all other actions only once.
    if alarm["StateValue"] == "ALARM" and now - _called.get(arn, 0) >= min(60, alarm_max):
        _called[arn] = now
        scaling.call(alarm)


def _values(alarm: Alarm, span: Window, end: float) -> Values:
    """The datapoints in an alarm's window, newest first."""
    count = span.periods + span.spare
    metrics = alarm.get("Metrics")
    if not metrics:
        return _series(alarm, alarm.get("ExtendedStatistic") or alarm["Statistic"], alarm["Period"], span, end, count)
    columns = {
        m["Id"]: _series(
            m["MetricStat"]["Metric"], m["MetricStat"]["Stat"], m["MetricStat"]["Period"], span, end, count
        )
        for m in metrics
        if "MetricStat" in m
    }
    shown = next(metric for metric in metrics if metric["ReturnData"])
    if "Expression" not in shown:
        return columns[shown["Id"]]
    expression = metric_math.parse(shown["Expression"], frozenset(columns))
    rows = [{name: column[back] for name, column in columns.items()} for back in range(count)]
    return [metric_math.evaluate(expression, row) for row in rows]


def _series(metric: dict[str, Any], statistic: str, period: float, span: Window, end: float, count: int) -> Values:
    if period < metric_data.STANDARD_SECONDS and not metric_data.is_fine(metric):
        # AWS has this metric at one-minute resolution only, and the alarm would have no data.
        return [None] * count
    values = metric_data.datapoints(metric, statistic, end, span.period, count)
    scale = span.scale if statistic in ("SampleCount", "Sum") else 1
    return [None if value is None else value * scale for value in values]


def judge(alarm: Alarm, span: Window, values: Values) -> tuple[str | None, str]:
    """The state that follows from datapoints, newest first, and its reason; None: unchanged."""
    breaches, words = _BREACHES[alarm["ComparisonOperator"]]
    real = [value for value in values if value is not None][: span.periods]
    filled = span.periods - len(real)
    bad = sum(breaches(value, alarm["Threshold"]) for value in real)
    missing = alarm.get("TreatMissingData") or "missing"
    if not real and missing == "missing":
        return "INSUFFICIENT_DATA", f"Insufficient Data: {filled} datapoints were unknown."
    if not real and missing == "ignore":
        return None, ""
    treated = f" and {filled} missing datapoints were treated as [{missing}]" if filled else ""
    counted = bad + (filled if missing == "breaching" else 0)
    shown = f"{counted} out of the last {span.periods} datapoints [{', '.join(f'{value:g}' for value in real)}]"
    if counted >= span.needed or (missing == "missing" and bad == len(real)):
        return "ALARM", f"Threshold Crossed: {shown} were {words} the threshold ({alarm['Threshold']}){treated}."
    if missing == "ignore" and bad == len(real):
        return None, ""
    shown = f"{span.periods - counted} out of the last {span.periods} datapoints [{', '.join(f'{value:g}' for value in real)}]"
    return "OK", f"Threshold Crossed: {shown} were not {words} the threshold ({alarm['Threshold']}){treated}."


def _reason_data(alarm: Alarm, span: Window, values: Values, end: float) -> str:
    """The data that CloudWatch sends with a state; step scaling reads the datapoints in it."""
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": _iso(time.time()),
            "startDate": _iso(end - span.period * span.periods),
            "period": span.period,
            "recentDatapoints": [v for v in reversed(values[: span.periods]) if v is not None],
            "threshold": alarm["Threshold"],
        }
    )


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _enter(alarm: Alarm, state: str, reason: str) -> None:
    before = alarm["StateValue"]
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def install() -> None:
    cloudwatch._evaluate_alarm = lambda alarm: None
