"""Service Quotas of a new account.

Values are AWS's defaults from the guides: EC2, "Amazon EC2 instance type quotas" (5 vCPUs of on-demand Standard
instances; older accounts have more, and others on request); VPC, "Amazon VPC quotas"; ELB, "Quotas for your Application
Load Balancers" and "… Network Load Balancers"; Auto Scaling, "Quotas". No quota was raised, so GetServiceQuota and
GetAWSDefaultServiceQuota return the same. Quotas are not enforced on launches and stacks, except the number of rules of
a security group (`limits.py`).

Adds to MiniStack: the service `servicequotas`, and the action DescribeAccountLimits of Auto Scaling.
"""

from __future__ import annotations

import json
from typing import Any

from ministack import app
from ministack.core import router
from ministack.core.responses import error_response_json, get_region, json_response
from ministack.services import autoscaling

from . import limits

GROUPS = 500

# By service and code: name and value.
QUOTAS: dict[tuple[str, str], tuple[str, int]] = {
    ("ec2", "L-1216C47A"): ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5),
    ("ec2", "L-34B43A08"): ("All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 5),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
    ("vpc", "L-F678F1CE"): ("VPCs per Region", 5),
    ("vpc", "L-0EA8095F"): ("Inbound or outbound rules per security group", limits.RULES),
    ("elasticloadbalancing", "L-53DA6B97"): ("Application Load Balancers per Region", 50),
    ("elasticloadbalancing", "L-69A177A2"): ("Network Load Balancers per Region", 50),
    ("autoscaling", "L-CDE20ADC"): ("Auto Scaling groups per region", GROUPS),
}
ACTIONS = ("GetServiceQuota", "GetAWSDefaultServiceQuota")


async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    if action not in ACTIONS:
        return error_response_json("UnknownOperationException", f"{action} is not simulated", 400)
    asked = json.loads(body or b"{}")
    service, code = asked.get("ServiceCode", ""), asked.get("QuotaCode", "")
    found = QUOTAS.get((service, code))
    if found is None:
        return error_response_json("NoSuchResourceException", "The request failed because the specified service does not exist.", 400)
    arn = f"arn:aws:servicequotas:{get_region()}::{service}/{code}"
    quota = {"ServiceCode": service, "QuotaCode": code, "QuotaArn": arn, "QuotaName": found[0], "Value": float(found[1])}
    return json_response({"Quota": {**quota, "Unit": "None", "Adjustable": True, "GlobalQuota": False}})


def describe_account_limits(params: Any) -> Any:
    return autoscaling._xml(
        200,
        "DescribeAccountLimitsResponse",
        f"<DescribeAccountLimitsResult><MaxNumberOfAutoScalingGroups>{GROUPS}</MaxNumberOfAutoScalingGroups>"
        f"<NumberOfAutoScalingGroups>{len(autoscaling._asgs)}</NumberOfAutoScalingGroups></DescribeAccountLimitsResult>",
    )


def install() -> None:
    app.SERVICE_HANDLERS["servicequotas"] = handle_request
    router.SERVICE_PATTERNS["servicequotas"] = {"target_prefixes": ["ServiceQuotasV20190624"]}
    autoscaling._ACTION_MAP["DescribeAccountLimits"] = describe_account_limits
