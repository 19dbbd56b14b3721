"""Instance types that EC2 offers, by region and zone.

The types of a region are those of its registry schema. Every zone has all of them, except zones that are known to lack
Graviton. vCPUs and memory follow from family and size, as in EC2's "Instance type specifications"; memory is known for
common families only.

Replaces in `ministack.services.ec2`: the action DescribeInstanceTypes. Adds DescribeInstanceTypeOfferings.
"""

from __future__ import annotations

import re
from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2

from .. import instances
from . import reference

Params = dict[str, Any]

# Reported for accounts in us-east-1: t4g, c7g and other Graviton types cannot be launched there.
WITHOUT_GRAVITON = ("use1-az3",)
ZONES = "abc"


def offered(instance_type: str, zone: str) -> bool:
    """Whether a zone of the current region offers an instance type."""
    if instance_type not in reference.instance_types(get_region()):
        return False
    return instances.architecture(instance_type) != "arm64" or ec2._az_id_for_zone_name(zone) not in WITHOUT_GRAVITON


def describe(params: Params) -> Any:
    by_zone = ec2._p(params, "LocationType") == "availability-zone"
    filters = ec2._parse_filters(params)
    wanted = filters.get("instance-type") or sorted(reference.instance_types(get_region()))
    locations = [f"{get_region()}{letter}" for letter in ZONES] if by_zone else [get_region()]
    items = "".join(
        f"<item><instanceType>{name}</instanceType><location>{location}</location>"
        f"<locationType>{'availability-zone' if by_zone else 'region'}</locationType></item>"
        for location in locations
        if location in filters.get("location", [location])
        for name in wanted
        if (offered(name, location) if by_zone else name in reference.instance_types(get_region()))
    )
    return ec2._xml(
        200, "DescribeInstanceTypeOfferingsResponse", f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>"
    )


# vCPUs of the sizes that are not a multiple of `xlarge`.
VCPUS = {"medium": 1, "large": 2, "xlarge": 4}
# Families of burstable performance have two vCPUs below `xlarge`, and so much memory.
BURSTABLE = {"nano": 0.5, "micro": 1, "small": 2, "medium": 4, "large": 8}
# GiB for each vCPU.
MEMORY = {"a1": 2, "c": 2, "m": 4, "r": 8, "t": 4}
FAMILY = re.compile(r"^(a1|[cmrt](?=\d+[adgi]*$))")


def vcpus(instance_type: str) -> int:
    """0: not known, as of `metal`."""
    family, _, size = instance_type.partition(".")
    if family.startswith("t") and size in BURSTABLE:
        return 2
    multiple = re.fullmatch(r"(\d+)xlarge", size)
    return 4 * int(multiple[1]) if multiple else VCPUS.get(size, 0)


def memory(instance_type: str) -> float:
    """GiB. 0: not known."""
    family, _, size = instance_type.partition(".")
    if family.startswith("t") and size in BURSTABLE:
        return BURSTABLE[size]
    match = FAMILY.match(family)
    return MEMORY[match[1]] * vcpus(instance_type) if match else 0


def describe_types(params: Params) -> Any:
    here = reference.instance_types(get_region())
    filtered = ec2._parse_filters(params).get("instance-type")
    named = ec2._parse_member_list(params, "InstanceType")
    unknown = [name for name in named if name not in here]
    if unknown:
        return ec2._error("InvalidInstanceType", f"The following supplied instance types do not exist: [{', '.join(unknown)}]", 400)
    items = "".join(
        f"<item><instanceType>{name}</instanceType>"
        f"<processorInfo><supportedArchitectures><item>{instances.architecture(name)}</item></supportedArchitectures></processorInfo>"
        f"<vCpuInfo><defaultVCpus>{vcpus(name)}</defaultVCpus></vCpuInfo>"
        f"{f'<memoryInfo><sizeInMiB>{int(memory(name) * 1024)}</sizeInMiB></memoryInfo>' if memory(name) else ''}</item>"
        for name in named or sorted(here)
        if filtered is None or name in filtered
    )
    return ec2._xml(200, "DescribeInstanceTypesResponse", f"<instanceTypeSet>{items}</instanceTypeSet>")


def install() -> None:
    ec2._ACTION_MAP["DescribeInstanceTypes"] = describe_types
    ec2._ACTION_MAP["DescribeInstanceTypeOfferings"] = describe
