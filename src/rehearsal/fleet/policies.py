"""What IAM policies are asked with, where MiniStack leaves it out: which group, which namespace.

Without these a policy that names its group, or limits figures to one namespace, would refuse what AWS allows.

Replaces in `ministack.core.iam_actions`: `extract_resource_arn`, `request_tag_context`.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import autoscaling

_resource, _context = iam_actions.extract_resource_arn, iam_actions.request_tag_context


def resource_arn(
    service: str, method: str, path: str, headers: Any, body: bytes, params: dict[str, Any], *scope: str
) -> str:
    """The ARN that a call is about; for Auto Scaling the group's own, which may be named by one of its machines."""
    if service == "autoscaling":
        name = iam_actions._query_param(params, "AutoScalingGroupName")
        machine = iam_actions._query_param(params, "InstanceId")
        for group in autoscaling._asgs.values():
            named = group["AutoScalingGroupName"] == name
            if named or (not name and any(m["InstanceId"] == machine for m in group["Instances"])):
                return group["AutoScalingGroupARN"]
    return _resource(service, method, path, headers, body, params, *scope)


def context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
    """Condition keys of a call."""
    found = _context(service, iam_action, body, params)
    if iam_action == "cloudwatch:PutMetricData":
        namespace = _json(body).get("Namespace") or iam_actions._query_param(params, "Namespace")
        found = {**found, "cloudwatch:namespace": namespace}
    return found


def _json(body: bytes) -> dict[str, Any]:
    try:
        return json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        return {}


def install() -> None:
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = context
