"""Which instance types EC2 offers, by region and zone.

The types of a region are those of its registry schema. Every zone has them all, but for zones that are known to lack Graviton.

Adds to `ministack.services.ec2`: the action DescribeInstanceTypeOfferings.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2

from .. import instances
from . import reference

Params = dict[str, Any]

# Public reports of accounts in us-east-1: t4g, c7g and others of Graviton cannot be launched there.
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


def install() -> None:
    ec2._ACTION_MAP["DescribeInstanceTypeOfferings"] = describe
