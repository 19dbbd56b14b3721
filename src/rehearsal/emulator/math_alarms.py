"""Alarms on an expression over several metrics, which MiniStack refuses in templates and drops in the API.

Replaces in `ministack.services`: `cloudwatch._put_metric_alarm` and CloudFormation's creation of an alarm's record.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from . import alarms

Metric = dict[str, Any]

_put, _record = cloudwatch._put_metric_alarm, provisioners._cw_metric_alarm_record

# Fields of an alarm on one metric that an alarm on an expression does not have.
SINGLE = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def put_metric_alarm(params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
    try:
        alarms.check(_completed({"Period": 60, **data}, data.get("Metrics")))
    except (KeyError, ValueError) as refusal:
        return cloudwatch._error("ValidationError", str(refusal), 400, use_json=is_json, use_cbor=is_cbor)
    answer = _put(params, data, is_cbor, is_json)
    if answer[0] == 200:
        _completed(cloudwatch._alarms[data["AlarmName"]], data.get("Metrics"))
    return answer


def alarm_record(name: str, props: dict[str, Any]) -> dict[str, Any]:
    """Creates the record of a template's alarm."""
    metrics = props.get("Metrics")
    # MiniStack creates the rest of the record only for an alarm on one metric.
    single = {**props, "Metrics": None, "MetricName": "-", "Namespace": "-"} if metrics else props
    record = _completed(_record(name, single), metrics)
    alarms.check(record)
    return record


def _completed(alarm: dict[str, Any], metrics: list[Metric] | None) -> dict[str, Any]:
    if metrics:
        for name in SINGLE:
            alarm.pop(name, None)
        alarm["Metrics"] = [_typed(metric) for metric in metrics]
    return alarm


def _typed(metric: Metric) -> Metric:
    """A metric of an expression. Templates may contain numbers and booleans as strings."""
    typed = {**metric, "ReturnData": str(metric.get("ReturnData", True)).lower() == "true"}
    if metric.get("MetricStat"):
        typed["MetricStat"] = {**metric["MetricStat"], "Period": int(metric["MetricStat"]["Period"])}
    return typed


def install() -> None:
    cloudwatch._put_metric_alarm = put_metric_alarm
    provisioners._cw_metric_alarm_record = alarm_record
