"""Metrics of CloudWatch: datapoints by period, and those that AWS's own services publish.

Replaces in `ministack.services.cloudwatch`: `_put_metric_data`, which does not store the resolution of a metric.
"""

from __future__ import annotations

import math
import time
from typing import Any

from ministack.services import alb, autoscaling, cloudwatch

from . import groups, targets

Metric = dict[str, Any]

# AWS stores metrics at one-minute resolution, unless the publisher requests seconds.
STANDARD_SECONDS = 60

_put = cloudwatch._put_metric_data
# Metrics with one-second resolution: namespace, name, dimensions.
_fine: set[tuple[str, str, str]] = set()
_published: dict[str, float] = {}


def put_metric_data(params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
    for datum in data.get("MetricData", []):
        if datum.get("StorageResolution") == 1:
            _fine.add(_key({"Namespace": data.get("Namespace"), **datum}))
    return _put(params, data, is_cbor, is_json)


def _key(metric: Metric) -> tuple[str, str, str]:
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    return metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(dimensions)


def is_fine(metric: Metric) -> bool:
    """Whether a metric has one-second resolution, so that an alarm may use periods under a minute."""
    return _key(metric) in _fine


def datapoints(metric: Metric, statistic: str, end: float, period: float, count: int) -> list[float | None]:
    """A statistic of the last `count` periods before `end`, newest first; None for periods without data."""
    buckets: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for point in reversed(cloudwatch._metrics.get(_key(metric)) or []):
        back = math.ceil((end - point["Timestamp"]) / period) - 1
        # Datapoints are roughly in order of time, so slightly late ones are included.
        if back > count:
            break
        if 0 <= back < count:
            buckets[back].append(point)
    return [cloudwatch._stat_value(cloudwatch._calc_stats(b), statistic, b) if b else None for b in buckets]


def publish(account: str, region: str, every: float) -> None:
    """The metrics that Auto Scaling and the load balancer publish, in the current account and region."""
    key, now = f"{account}/{region}", time.time()
    if now - _published.get(key, 0) < every:
        return
    _published[key] = now
    for group in autoscaling._asgs.values():
        dimensions = {"AutoScalingGroupName": group["AutoScalingGroupName"]}
        for name in (entry["Metric"] for entry in group.get("EnabledMetrics") or []):
            if name in _GROUP_FIGURES:
                cloudwatch.record_metric("AWS/AutoScaling", name, _GROUP_FIGURES[name](group), dimensions=dimensions)
    for arn, target_group in alb._tgs.items():
        health = [targets.state(arn, target["Id"]) for target in alb._targets.get(arn, [])]
        for balancer in target_group.get("LoadBalancerArns") or []:
            dimensions = {
                "TargetGroup": arn.rsplit(":", 1)[1],
                "LoadBalancer": balancer.split("loadbalancer/", 1)[1],
            }
            for name, state in (("HealthyHostCount", "healthy"), ("UnHealthyHostCount", "unhealthy")):
                cloudwatch.record_metric("AWS/ApplicationELB", name, health.count(state), dimensions=dimensions)


def _members(group: groups.Group, *states: str) -> int:
    return sum(member["LifecycleState"].split(":")[0] in states for member in group["Instances"])


_GROUP_FIGURES = {
    "GroupMinSize": lambda group: group["MinSize"],
    "GroupMaxSize": lambda group: group["MaxSize"],
    "GroupDesiredCapacity": lambda group: group["DesiredCapacity"],
    "GroupInServiceInstances": lambda group: _members(group, "InService"),
    "GroupPendingInstances": lambda group: _members(group, "Pending"),
    "GroupTerminatingInstances": lambda group: _members(group, "Terminating"),
    "GroupTotalInstances": lambda group: len(group["Instances"]),
}


def enabled(collections: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The metrics that a group's `MetricsCollection` enables; without names it enables all."""
    names = dict.fromkeys(name for entry in collections for name in (entry.get("Metrics") or _GROUP_FIGURES))
    return [{"Metric": name, "Granularity": "1Minute"} for name in names]


def install() -> None:
    cloudwatch._put_metric_data = put_metric_data
