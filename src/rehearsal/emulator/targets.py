"""Target groups: their registered targets, and the health that the load balancer reports.

Replaces in `ministack.services.alb`: the action DescribeTargetHealth, which calls everyone healthy, `_lb_xml`,
which puts every subnet into the region's first zone, and `_action_xml`, which does not escape fixed responses.
"""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import alb, ec2

from .instances import state as instance_state

Params = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

# By target group, then instance: the last reported health.
_found: dict[str, dict[str, dict[str, str]]] = {}

_balancer_xml = alb._lb_xml
_action_xml = alb._action_xml
_CODE = re.compile(r"^((?:Elb|Target)\.\w+)(?:: *)?(.*)$", re.DOTALL)


def register(arn: str, instance_id: str) -> None:
    """Registers an instance. A deleted target group is ignored."""
    if arn in alb._tgs:
        alb.set_targets_for_group(arn, [(instance_id, alb._tgs[arn].get("Port", 80))])


def deregister(arn: str, instance_id: str) -> None:
    """Deregisters an instance."""
    alb.set_targets_for_group(arn, [], [instance_id])
    _found.get(arn, {}).pop(instance_id, None)


def apply_health(found: dict[str, dict[str, dict[str, str]]]) -> None:
    """Applies the health that the load balancer reports."""
    global _found
    _found = found


def state(arn: str, instance_id: str) -> str:
    """`initial`, `healthy`, `unhealthy` or `unused`."""
    return _health(arn, instance_id)[0]


def _health(arn: str, instance_id: str) -> tuple[str, str, str]:
    """State, reason code, description."""
    record = ec2._instances.get(instance_id)
    if not alb._tgs[arn].get("LoadBalancerArns"):
        return "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
    if not record or instance_state(record) != "running":
        name = instance_state(record) if record else "terminated"
        return "unused", "Target.InvalidState", f"Target is in the {name} state"
    found = _found.get(arn, {}).get(instance_id)
    if not found or found["state"] == "initial":
        return "initial", "Elb.RegistrationInProgress", "Target registration is in progress"
    if found["state"] == "healthy":
        return "healthy", "", ""
    coded = _CODE.match(found["reason"])
    code, text = coded.groups() if coded else ("Target.FailedHealthChecks", found["reason"])
    return "unhealthy", code, text or "Health checks failed"


def describe_target_health(params: Params) -> Answer:
    arn = alb._p(params, "TargetGroupArn")
    group = alb._tgs.get(arn)
    if not group:
        return alb._error("TargetGroupNotFound", f"Target group '{arn}' not found.")
    registered = alb._targets.get(arn, [])
    asked = {target["Id"] for target in alb._parse_targets_param(params)}
    items = ""
    for target in registered:
        if not asked or target["Id"] in asked:
            items += _described(arn, target["Id"], target.get("Port", group.get("Port", 80)))
    known = {target["Id"] for target in registered}
    for stranger in sorted(asked - known):
        reason = "<Reason>Target.NotRegistered</Reason><Description>Target is not registered to the target group</Description>"
        items += f"<member><Target><Id>{escape(stranger)}</Id></Target><TargetHealth><State>unused</State>{reason}</TargetHealth></member>"
    return alb._xml(200, "DescribeTargetHealth", f"<TargetHealthDescriptions>{items}</TargetHealthDescriptions>")


def _described(arn: str, instance_id: str, port: int) -> str:
    health, code, text = _health(arn, instance_id)
    reason = f"<Reason>{code}</Reason><Description>{escape(text)}</Description>" if code else ""
    return (
        f"<member><Target><Id>{instance_id}</Id><Port>{port}</Port></Target><HealthCheckPort>{port}</HealthCheckPort>"
        f"<TargetHealth><State>{health}</State>{reason}</TargetHealth></member>"
    )


def balancer_xml(balancer: dict[str, Any]) -> str:
    text = _balancer_xml(balancer)
    for subnet_id in balancer.get("Subnets", []):
        zone = (ec2._subnets.get(subnet_id) or {}).get("AvailabilityZone")
        if zone:
            text = re.sub(
                rf"<ZoneName>[^<]*</ZoneName><SubnetId>{subnet_id}<",
                f"<ZoneName>{zone}</ZoneName><SubnetId>{subnet_id}<",
                text,
            )
    return text


def action_xml(action: dict[str, Any]) -> str:
    """MiniStack's description of an action, with the text of a fixed response escaped."""
    response = action.get("FixedResponseConfig")
    if response:
        action = {**action, "FixedResponseConfig": {**response, "MessageBody": escape(response.get("MessageBody", ""))}}
    return str(_action_xml(action))


def install() -> None:
    alb._action_xml = action_xml
    alb._lb_xml = balancer_xml
    alb._ACTION_MAP["DescribeTargetHealth"] = describe_target_health
