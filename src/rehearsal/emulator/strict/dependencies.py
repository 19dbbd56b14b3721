"""Resources that EC2 does not delete while they are in use, and network interfaces that outlast a load balancer.

EC2 API, error DependencyViolation. A load balancer's interfaces are deleted some time after it; here after a second,
because waits for it poll more often than on AWS.

Replaces in `ministack.services`: `ec2`'s actions DeleteSecurityGroup, DeleteSubnet and DetachInternetGateway, `alb`'s
DeleteLoadBalancer and DeleteTargetGroup, and `s3._head_bucket`, which does not find buckets of other accounts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import alb, ec2, s3

from .. import instances

Params = dict[str, Any]
Answer = Any

LINGER_SECONDS = 1.0


@dataclass(frozen=True)
class Interface:
    """A network interface of another resource."""

    subnet: str
    groups: tuple[str, ...]
    public: bool


# Interfaces of deleted load balancers: until when, and which.
_lingering: list[tuple[float, Interface]] = []


def _interfaces() -> Iterator[Interface]:
    """Every network interface of the current account and region that is in use."""
    for record in ec2._instances.values():
        if instances.state(record) != "terminated":
            groups = tuple(group["GroupId"] for group in record.get("SecurityGroups") or [])
            yield Interface(record["SubnetId"], groups, bool(record["PublicIpAddress"]))
    for balancer in alb._lbs.values():
        yield from _of_balancer(balancer)
    _lingering[:] = [entry for entry in _lingering if entry[0] > time.monotonic()]
    yield from (interface for _, interface in _lingering)


def _of_balancer(balancer: dict[str, Any]) -> Iterator[Interface]:
    for subnet in balancer.get("Subnets") or []:
        yield Interface(subnet, tuple(balancer.get("SecurityGroups") or ()), balancer.get("Scheme") != "internal")


def _violation(message: str) -> Answer:
    return ec2._error("DependencyViolation", message, 400)


def _delete_security_group(params: Params) -> Answer | None:
    wanted = ec2._p(params, "GroupId")
    named = (
        pair.get("GroupId")
        for group_id, group in ec2._security_groups.items()
        if group_id != wanted
        for permission in [*group["IpPermissions"], *group["IpPermissionsEgress"]]
        for pair in permission.get("UserIdGroupPairs") or []
    )
    if wanted in named or any(wanted in interface.groups for interface in _interfaces()):
        return _violation(f"resource {wanted} has a dependent object")
    return None


def _delete_subnet(params: Params) -> Answer | None:
    wanted = ec2._p(params, "SubnetId")
    if any(interface.subnet == wanted for interface in _interfaces()):
        return _violation(f"The subnet '{wanted}' has dependencies and cannot be deleted.")
    return None


def _detach_internet_gateway(params: Params) -> Answer | None:
    vpc = ec2._p(params, "VpcId")
    subnets = {subnet_id for subnet_id, subnet in ec2._subnets.items() if subnet["VpcId"] == vpc}
    if any(interface.public and interface.subnet in subnets for interface in _interfaces()):
        return _violation(
            f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        )
    return None


def _delete_target_group(params: Params) -> Answer | None:
    wanted = alb._p(params, "TargetGroupArn")
    for listener in [*alb._listeners.values(), *alb._rules.values()]:
        if any(action.get("TargetGroupArn") == wanted for action in listener.get("DefaultActions") or listener.get("Actions") or []):
            return alb._error("ResourceInUse", f"Target group '{wanted}' is currently in use by a listener or a rule")
    return None


def _delete_balancer(params: Params) -> None:
    balancer = alb._lbs.get(alb._p(params, "LoadBalancerArn"))
    if balancer:
        _lingering.extend((time.monotonic() + LINGER_SECONDS, interface) for interface in _of_balancer(balancer))
        _remove_listeners(balancer["LoadBalancerArn"])


def _remove_listeners(balancer: str) -> None:
    """Deletes the listeners with their load balancer."""
    gone = {arn for arn, listener in alb._listeners.items() if listener["LoadBalancerArn"] == balancer}
    for arn in gone:
        del alb._listeners[arn]
    for arn in [arn for arn, rule in alb._rules.items() if rule.get("ListenerArn") in gone]:
        del alb._rules[arn]


def _refused(action: Callable[[Params], Answer], why: Callable[[Params], Answer | None]) -> Callable[[Params], Answer]:
    return lambda params: why(params) or action(params)


def _head_bucket(name: str) -> Answer:
    """Bucket names are shared by all accounts; buckets of others may not be inspected."""
    if name not in s3._buckets and any(key == name for _, key in s3._buckets._data):
        return 403, {"Content-Type": "application/xml"}, b""
    return _head(name)


_head = s3._head_bucket


def install() -> None:
    for actions, name, why in (
        (ec2._ACTION_MAP, "DeleteSecurityGroup", _delete_security_group),
        (ec2._ACTION_MAP, "DeleteSubnet", _delete_subnet),
        (ec2._ACTION_MAP, "DetachInternetGateway", _detach_internet_gateway),
        (alb._ACTION_MAP, "DeleteTargetGroup", _delete_target_group),
        (alb._ACTION_MAP, "DeleteLoadBalancer", _delete_balancer),
    ):
        actions[name] = _refused(actions[name], why)
    s3._head_bucket = _head_bucket
