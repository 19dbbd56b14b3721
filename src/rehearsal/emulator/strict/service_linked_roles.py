"""Service-linked roles, which a service creates in an account at its first use.

A new account has none. The caller that creates the first group or load balancer needs the right to create the role, and
the call is refused until the service can assume it.

Replaces in `ministack.services.iam`: the action CreateServiceLinkedRole, which generates other names.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import iam

from . import consistency

NAMES = {
    "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "spot.amazonaws.com": "AWSServiceRoleForEC2Spot",
}
# Resource types whose service needs a service-linked role.
SERVICES = {
    "AWS::AutoScaling::AutoScalingGroup": "autoscaling.amazonaws.com",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "elasticloadbalancing.amazonaws.com",
}

_create = iam._IAM_HANDLERS["CreateServiceLinkedRole"]


def asked(resource_type: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The permission to create a service-linked role, if it does not exist."""
    service = SERVICES.get(resource_type)
    if service and NAMES[service] not in iam._roles:
        arn = f"arn:aws:iam::{get_account_id()}:role/aws-service-role/{service}/{NAMES[service]}"
        yield "iam:CreateServiceLinkedRole", arn, {"iam:awsservicename": service}


def ensure(resource_type: str) -> None:
    """A service creates its role at first use."""
    service = SERVICES.get(resource_type)
    if service is None:
        return
    name = NAMES[service]
    if name not in iam._roles:
        create({"AWSServiceName": [service]})
    if consistency.role_is_new(name):
        arn = f"arn:aws:iam::{get_account_id()}:role/aws-service-role/{service}/{name}"
        raise ValueError(f"Access denied when attempting to assume role {arn}. Validating load balancer configuration failed.")


def create(params: dict[str, Any]) -> Any:
    service = iam._p(params, "AWSServiceName")
    name = NAMES.get(service)
    if name is None:
        return _create(params)
    if name in iam._roles:
        message = f"Service role name {name} has been taken in this account, please try a different suffix."
        return iam._error(400, "InvalidInput", message, ns="iam")
    before = set(iam._roles)
    answer = _create(params)
    [made] = set(iam._roles) - before
    role = iam._roles.pop(made)
    role.update(RoleName=name, Arn=role["Arn"].replace(made, name), _made=time.time())
    iam._roles[name] = role
    role_xml = f"<CreateServiceLinkedRoleResult><Role>{iam._role_xml(name)}</Role></CreateServiceLinkedRoleResult>"
    return iam._xml(answer[0], "CreateServiceLinkedRoleResponse", role_xml, ns="iam")


def install() -> None:
    iam._IAM_HANDLERS["CreateServiceLinkedRole"] = create
