"""Resources and condition keys that MiniStack omits when it evaluates IAM policies: groups, namespaces, records.

Without these, a policy that names its group, or limits metrics to a namespace, would deny calls that AWS allows.

Replaces in `ministack.core.iam_actions`: `extract_iam_action`, `extract_resource_arn`, `request_tag_context`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core import iam_actions
from ministack.services import autoscaling, iam

from .strict import resource_arns

_action, _resource = iam_actions.extract_iam_action, iam_actions.extract_resource_arn
_context = iam_actions.request_tag_context

# Permissions whose name differs from the call's.
OTHERWISE_NAMED = {"budgets:DescribeBudgets": "budgets:ViewBudget", "budgets:DeleteBudget": "budgets:ModifyBudget"}

# Service-linked roles.
SERVICE_ROLES = {
    "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "spot.amazonaws.com": "AWSServiceRoleForEC2Spot",
}

RECORD_NAME = re.compile(rb"<Name>([^<]+)</Name>")
# EC2 parameters that name the resource of a call, if MiniStack uses none or another. AWS evaluates each of several
# resources with its own ARN; here it is the resource that has the deployment's tag as well.
EC2 = {
    "LaunchTemplateId": "launch-template",
    "InternetGatewayId": "internet-gateway",
    "ImageId": "image",
    "SnapshotId": "snapshot",
}


def action(*args: Any) -> str | None:
    """The action that a call requires."""
    found = _action(*args)
    return OTHERWISE_NAMED.get(found, found) if found else None


def resource_arn(
    service: str,
    method: str,
    path: str,
    headers: Any,
    body: bytes,
    params: dict[str, Any],
    region: str,
    account: str,
) -> str:
    """The ARN that a call refers to; for Auto Scaling the group's, which may be identified by one of its machines."""

    def asked(name: str) -> str:
        return iam_actions._query_param(params, name)

    if service == "autoscaling":
        for group in autoscaling._asgs.values():
            named = group["AutoScalingGroupName"] == asked("AutoScalingGroupName")
            machine = not asked("AutoScalingGroupName") and asked("InstanceId")
            if named or any(member["InstanceId"] == machine for member in group["Instances"]):
                return group["AutoScalingGroupARN"]
    if service == "ec2":
        for name, kind in EC2.items():
            if asked(name):
                return resource_arns.ec2_arn(kind, asked(name))
    if service == "elasticloadbalancing" and asked("RuleArn"):
        return asked("RuleArn")
    if service == "monitoring" and (alarm := _first(_json(body), "AlarmName", "AlarmNames")):
        return f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm}"
    if service == "monitoring" and (board := _first(_json(body), "DashboardName", "DashboardNames")):
        return f"arn:aws:cloudwatch::{account}:dashboard/{board}"
    if service == "logs" and (group := _json(body).get("logGroupName")):
        # Calls about events, also of no certain stream, are evaluated on streams.
        stream = f":log-stream:{_json(body).get('logStreamName') or ''}" if _on_streams(headers) else ""
        return f"arn:aws:logs:{region}:{account}:log-group:{group}{stream}"
    if service == "budgets":
        return f"arn:aws:budgets::{account}:budget/{_json(body).get('BudgetName', '*')}"
    if service == "iam" and (found := _iam_arn(asked, account)):
        return found
    if service == "events" and (rule := _json(body).get("Rule") or _json(body).get("Name")):
        bus = _json(body).get("EventBusName") or "default"
        return f"arn:aws:events:{region}:{account}:rule/{rule if bus == 'default' else f'{bus}/{rule}'}"
    found = _resource(service, method, path, headers, body, params, region, account)
    # Public parameters belong to no account.
    return found.replace(f":{account}:parameter/aws/service/", "::parameter/aws/service/")


def _first(asked: dict[str, Any], one: str, several: str) -> str | None:
    """The name in a request, or the first of several."""
    return asked.get(one) or next(iter(asked.get(several) or []), None)


def _on_streams(headers: Any) -> bool:
    call = headers.get("x-amz-target", "").rpartition(".")[2]
    return call in {"CreateLogStream", "PutLogEvents", "FilterLogEvents", "DescribeLogStreams"}


def _iam_arn(asked: Any, account: str) -> str | None:
    """The subject of an IAM request, with its path."""
    if asked("PolicySourceArn"):
        return asked("PolicySourceArn")
    if asked("InstanceProfileName"):
        return f"arn:aws:iam::{account}:instance-profile/{asked('InstanceProfileName')}"
    if asked("AWSServiceName") in SERVICE_ROLES:
        service = asked("AWSServiceName")
        return f"arn:aws:iam::{account}:role/aws-service-role/{service}/{SERVICE_ROLES[service]}"
    known = iam._roles.get(asked("RoleName")) or iam._users.get(asked("UserName"))
    return known["Arn"] if known else None


def context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
    """Condition keys of a call."""
    found = _context(service, iam_action, body, params)
    if iam_action == "cloudwatch:PutMetricData":
        namespace = _json(body).get("Namespace") or iam_actions._query_param(params, "Namespace")
        found = {**found, "cloudwatch:namespace": namespace}
    if iam_action == "iam:CreateServiceLinkedRole":
        found = {**found, "iam:AWSServiceName": iam_actions._query_param(params, "AWSServiceName")}
    if iam_action == "events:PutEvents":
        found = {**found, "events:source": (_json(body).get("Entries") or [{}])[0].get("Source")}
    if iam_action == "route53:ChangeResourceRecordSets":
        names = [name.decode().rstrip(".").lower() for name in RECORD_NAME.findall(body)]
        found = {**found, "route53:ChangeResourceRecordSetsNormalizedRecordNames": names}
    return found


def _json(body: bytes) -> dict[str, Any]:
    try:
        return json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        return {}


def install() -> None:
    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = context
