"""ARNs of the resources of a stack's operation, by the types of the service authorization reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from ..scope import arn as here
from . import handlers

Props = dict[str, Any]
Arns = dict[str, list[str]]

# Placeholder for a generated part of a new ARN.
NEW = "0123456789abcdef0"

EC2_KINDS = {
    "ami": "image",
    "eipalloc": "elastic-ip",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "rtb": "route-table",
    "sg": "security-group",
    "subnet": "subnet",
    "vpc": "vpc",
}
# Their ARNs have no account.
PUBLIC = ("image", "snapshot")
EC2_ID = re.compile(r"\b(ami|eipalloc|igw|lt|rtb|sg|subnet|vpc)-[0-9a-z]{8,}\b")
EC2_TYPES = {
    "AWS::EC2::InternetGateway": "internet-gateway",
    "AWS::EC2::LaunchTemplate": "launch-template",
    "AWS::EC2::RouteTable": "route-table",
    "AWS::EC2::SecurityGroup": "security-group",
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::VPC": "vpc",
}


def _global(service: str, resource: str) -> str:
    return f"arn:aws:{service}::{get_account_id()}:{resource}"


def _group(props: Props, own: str) -> Arns:
    name = props.get("AutoScalingGroupName") or own
    return {"autoScalingGroup": [here("autoscaling", f"autoScalingGroup:{NEW}:autoScalingGroupName/{name}")]}


def _group_of(props: Props, own: str) -> Arns:
    return _group({"AutoScalingGroupName": props.get("AutoScalingGroupName")}, "")


def _balancer(props: Props, own: str) -> Arns:
    kind = "net" if props.get("Type") == "network" else "app"
    made = here("elasticloadbalancing", f"loadbalancer/{kind}/{props.get('Name') or own}/{NEW}")
    return {f"loadbalancer/{kind}/": [own if own.startswith("arn:") else made]}


def _listener(props: Props, own: str) -> Arns:
    balancer = props.get("LoadBalancerArn") or own.rpartition("/")[0].replace(":listener/", ":loadbalancer/")
    kind = balancer.partition(":loadbalancer/")[2].partition("/")[0]
    made = f"{balancer.replace(':loadbalancer/', ':listener/')}/{NEW}"
    return {f"loadbalancer/{kind}/": [balancer], f"listener/{kind}": [own if own.startswith("arn:") else made]}


def _listener_rule(props: Props, own: str) -> Arns:
    listener = props.get("ListenerArn") or own.rpartition("/")[0].replace(":listener-rule/", ":listener/")
    kind = listener.partition(":listener/")[2].partition("/")[0]
    made = f"{listener.replace(':listener/', ':listener-rule/')}/{NEW}"
    rule = own if own.startswith("arn:") else made
    return {f"listener/{kind}": [listener], f"listener-rule/{kind}": [rule]}


def _target_group(props: Props, own: str) -> Arns:
    made = here("elasticloadbalancing", f"targetgroup/{props.get('Name') or own}/{NEW}")
    return {"targetgroup": [own if own.startswith("arn:") else made]}


def _role(props: Props, own: str) -> Arns:
    return {"role": [_global("iam", f"role{props.get('Path') or '/'}{props.get('RoleName') or own}")]}


def roles(names: list[str]) -> list[str]:
    """ARNs of existing or future roles."""
    return [(iam._roles.get(name) or {}).get("Arn") or _global("iam", f"role/{name}") for name in names]


def _inline_policy(props: Props, own: str) -> Arns:
    users = [_global("iam", f"user/{name}") for name in props.get("Users") or []]
    groups = [_global("iam", f"group/{name}") for name in props.get("Groups") or []]
    return {"role": roles(props.get("Roles") or []), "user": users, "group": groups}


def _profile(props: Props, own: str) -> Arns:
    # MiniStack identifies it by ARN, CloudFormation by name.
    name = props.get("InstanceProfileName") or own.rpartition("/")[2]
    return {"instance-profile": [_global("iam", f"instance-profile{props.get('Path') or '/'}{name}")]}


def _topic(props: Props, own: str) -> Arns:
    return {"topic": [own if own.startswith("arn:") else here("sns", props.get("TopicName") or own)]}


def _records(props: Props, own: str) -> Arns:
    zone = str(props.get("HostedZoneId", "")).rpartition("/")[2]
    return {"hostedzone": [f"arn:aws:route53:::hostedzone/{zone}"], "change": [f"arn:aws:route53:::change/{NEW}"]}


def _certificate(props: Props, own: str) -> Arns:
    zones = handlers.values(props, ("HostedZoneId",))
    return {
        "certificate": [own if own.startswith("arn:") else here("acm", f"certificate/{NEW}")],
        "hostedzone": [f"arn:aws:route53:::hostedzone/{zone}" for zone in dict.fromkeys(zones)],
    }


def _secret(props: Props, own: str) -> Arns:
    made = here("secretsmanager", f"secret:{props.get('Name') or own}-AbCdEf")
    return {"Secret": [own if own.startswith("arn:") else made]}


def _budget(props: Props, own: str) -> Arns:
    name = (props.get("Budget") or {}).get("BudgetName") or own
    return {"budget": [_global("budgets", f"budget/{name}")], "billingview": [_global("billing", "billingview/primary")]}


def _rule(props: Props, own: str) -> Arns:
    name = own if own.startswith("arn:") else here("events", f"rule/{props.get('Name') or own}")
    return {"rule-on-default-event-bus": [name]}


def _function(props: Props, own: str) -> Arns:
    code = props.get("Code") or {}
    named = str(props.get("FunctionName") or own)
    function = named if named.startswith("arn:") else here("lambda", f"function:{named}")
    return {"function": [function], "object": [f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}"] if "S3Bucket" in code else []}


# The ARNs of a resource; `own` is its physical id, or its generated name.
KNOWN: dict[str, Callable[[Props, str], Arns]] = {
    "AWS::AutoScaling::AutoScalingGroup": _group,
    "AWS::AutoScaling::LifecycleHook": _group_of,
    "AWS::AutoScaling::ScalingPolicy": _group_of,
    "AWS::AutoScaling::ScheduledAction": _group_of,
    "AWS::Budgets::Budget": _budget,
    "AWS::CertificateManager::Certificate": _certificate,
    "AWS::CloudWatch::Alarm": lambda p, own: {"alarm": [here("cloudwatch", f"alarm:{p.get('AlarmName') or own}")]},
    "AWS::CloudWatch::Dashboard": lambda p, own: {
        "dashboard": [_global("cloudwatch", f"dashboard/{p.get('DashboardName') or own}")]
    },
    "AWS::CloudWatch::CompositeAlarm": lambda p, own: {
        "alarm": [here("cloudwatch", f"alarm:{p.get('AlarmName') or own}")]
    },
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _listener_rule,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::InstanceProfile": _profile,
    "AWS::IAM::Policy": _inline_policy,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _function,
    "AWS::Logs::LogGroup": lambda p, own: {"log-group": [here("logs", f"log-group:{p.get('LogGroupName') or own}")]},
    "AWS::Route53::RecordSet": _records,
    "AWS::S3::Bucket": lambda p, own: {"bucket": [f"arn:aws:s3:::{p.get('BucketName') or own}"]},
    "AWS::S3::BucketPolicy": lambda p, own: {"bucket": [f"arn:aws:s3:::{p.get('Bucket') or own}"]},
    "AWS::SNS::Subscription": lambda p, own: {"topic": [p.get("TopicArn") or own.rpartition(":")[0]]},
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": lambda p, own: {"topic": list(p.get("Topics") or [])},
    "AWS::SSM::Parameter": lambda p, own: {"parameter": [here("ssm", f"parameter/{(p.get('Name') or own).lstrip('/')}")]},
    "AWS::SecretsManager::Secret": _secret,
}


def ec2_arn(kind: str, resource_id: str) -> str:
    """ARN of an EC2 resource; that of an image or a snapshot has no account."""
    return f"arn:aws:ec2:{get_region()}::{kind}/{resource_id}" if kind in PUBLIC else here("ec2", f"{kind}/{resource_id}")


def ec2(resource_type: str, props: Props, physical_id: str) -> Arns:
    """All EC2 resources that properties refer to or create."""
    found: Arns = {}
    for text in [*_texts(props), physical_id]:
        for match in EC2_ID.finditer(text):
            arns = found.setdefault(EC2_KINDS[match.group(1)], [])
            arn = ec2_arn(EC2_KINDS[match.group(1)], match.group(0))
            if arn not in arns:
                arns.append(arn)
    own = EC2_TYPES.get(resource_type)
    if own:
        found[own] = [ec2_arn(own, physical_id or NEW)]
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in items for text in _texts(item)]
