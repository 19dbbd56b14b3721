"""Names that are in use: CloudFormation does not create a resource over an existing one.

If the name is the type's identifier, a change set fails immediately; if AWS generates the identifier, the service
refuses to create the resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import alb, autoscaling, cloudwatch, eventbridge, iam, s3, secretsmanager, sns, ssm

from . import consistency

# By type: the property with the name, and whether a resource of that name exists.
IDENTIFIED: dict[str, tuple[str, Callable[[str], bool]]] = {
    "AWS::AutoScaling::AutoScalingGroup": ("AutoScalingGroupName", lambda name: name in autoscaling._asgs),
    "AWS::CloudWatch::Alarm": ("AlarmName", lambda name: name in cloudwatch._alarms),
    "AWS::CloudWatch::Dashboard": ("DashboardName", lambda name: name in cloudwatch._dashboards),
    "AWS::Events::Rule": ("Name", lambda name: any(rule["Name"] == name for rule in eventbridge._rules.values())),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", lambda name: name in iam._instance_profiles),
    "AWS::IAM::Role": ("RoleName", lambda name: name in iam._roles),
    "AWS::S3::Bucket": ("BucketName", lambda name: name in s3._buckets),
    "AWS::SNS::Topic": ("TopicName", lambda name: any(arn.rpartition(":")[2] == name for arn in sns._topics)),
    "AWS::SSM::Parameter": ("Name", lambda name: name in ssm._parameters or consistency.parameter_was_there(name)),
}
FOUND_LATER: dict[str, tuple[str, Callable[[str], bool], str]] = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        "Name",
        lambda name: any(one["LoadBalancerName"] == name for one in alb._lbs.values()),
        "A load balancer with the same name '{}' exists, but with different settings",
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        "Name",
        lambda name: any(one["TargetGroupName"] == name for one in alb._tgs.values()),
        "A target group with the same name '{}' exists, but with different settings",
    ),
    "AWS::SecretsManager::Secret": (
        "Name",
        lambda name: bool((secretsmanager._secrets.get(name) or {}).get("DeletedDate")),
        "You can't create this secret because a secret with this name is already scheduled for deletion. ({})",
    ),
}


def _already(resource_type: str, name: str) -> str:
    return f"Resource of type '{resource_type}' with identifier '{name}' already exists."


def taken(change_set: dict[str, Any], stack: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Resources of a change set that exist already: logical id, type, and CloudFormation's message."""
    for logical_id, resource in change_set["_template"].get("Resources", {}).items():
        kind = resource.get("Type", "")
        name = (resource.get("Properties") or {}).get(IDENTIFIED.get(kind, ("",))[0])
        if logical_id not in stack.get("_resources", {}) and isinstance(name, str) and IDENTIFIED[kind][1](name):
            yield logical_id, kind, _already(kind, name)


def check(resource_type: str, props: dict[str, Any]) -> None:
    """Raises ValueError if a new resource has the name of an existing one."""
    if resource_type in IDENTIFIED:
        key, exists = IDENTIFIED[resource_type]
        if props.get(key) and exists(props[key]):
            raise ValueError(_already(resource_type, props[key]))
    if resource_type in FOUND_LATER:
        key, exists, message = FOUND_LATER[resource_type]
        if props.get(key) and exists(props[key]):
            raise ValueError(message.format(props[key]))
