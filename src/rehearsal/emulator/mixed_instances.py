"""Groups with several instance types, on-demand and spot: the candidates for the next machine."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from ministack.services import ec2

from . import images, launch_templates

Group = dict[str, Any]
Policy = dict[str, Any]

# The default distribution.
DEFAULTS = {
    "OnDemandAllocationStrategy": "prioritized",
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 100,
    "SpotAllocationStrategy": "lowest-price",
}


def policy(given: Policy | None) -> Policy | None:
    """Completes a `MixedInstancesPolicy` of a template or call. Raises ValueError for unsupported settings."""
    if not given:
        return None
    template = given.get("LaunchTemplate") or {}
    if not template.get("LaunchTemplateSpecification"):
        raise ValueError("You must specify a launch template in the MixedInstancesPolicy.")
    overrides = [dict(override) for override in template.get("Overrides") or []]
    for override in overrides:
        unknown = set(override) - {"InstanceType"}
        if unknown:
            raise ValueError(f"The rehearsal simulates overrides by InstanceType only, not {', '.join(sorted(unknown))}.")
    distribution = {**DEFAULTS, **(given.get("InstancesDistribution") or {})}
    for name in ("OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity"):
        distribution[name] = int(distribution[name])
    return {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": template["LaunchTemplateSpecification"],
            "Overrides": overrides,
        },
        "InstancesDistribution": distribution,
    }


def template(group: Group) -> dict[str, Any]:
    """The launch template of a group; during an instance refresh, of its desired configuration."""
    if group.get("_desired"):
        return group["_desired"]
    mixed = group.get("MixedInstancesPolicy")
    return (mixed["LaunchTemplate"]["LaunchTemplateSpecification"] if mixed else group.get("LaunchTemplate")) or {}


def choices(group: Group) -> list[launch_templates.Machine]:
    """Candidates for a group's next machine, in order of preference. Raises ValueError with EC2's message.

    Prices are not simulated: `price-capacity-optimized` and all other strategies use the order of the overrides.
    """
    machine = launch_templates.resolve(template(group))
    mixed = group.get("MixedInstancesPolicy")
    if not mixed:
        return [machine]
    spot = _next_is_spot(group, mixed["InstancesDistribution"])
    types = [override["InstanceType"] for override in mixed["LaunchTemplate"]["Overrides"]] or [machine.type]
    return [replace(machine, type=name, spot=spot) for name in types]


def check(group: Group) -> None:
    """Auto Scaling accepts a group, or a refresh, only if EC2 would launch from its launch template's image. Raises
    ValueError with Auto Scaling's message."""
    for machine in choices(group) if template(group) else ():
        refusal = images.refusal(machine.image, machine.type)
        if refusal:
            raise ValueError(f"You must use a valid fully-formed launch template. {refusal[1]}")


def _next_is_spot(group: Group, distribution: dict[str, Any]) -> bool:
    """Whether the group has its share of on-demand machines."""
    staying = [m for m in group["Instances"] if not m["LifecycleState"].startswith("Terminating")]
    bought = sum(_market(member) == "on-demand" for member in staying)
    base = distribution["OnDemandBaseCapacity"]
    above = max(0, len(staying) + 1 - base)
    # Auto Scaling rounds in favour of on-demand.
    share = min(base, len(staying) + 1) + math.ceil(above * distribution["OnDemandPercentageAboveBaseCapacity"] / 100)
    return bought >= share


def _market(member: dict[str, Any]) -> str:
    return (ec2._instances.get(member["InstanceId"]) or {}).get("_market", "on-demand")
