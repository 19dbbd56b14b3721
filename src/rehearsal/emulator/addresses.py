"""Addresses of machines: private ones of their subnet, public ones from the block for documentation."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Any

from ministack.services import ec2

PUBLIC = IPv4Network("203.0.113.0/24")
FIRST_HOST = 10

# Where the search continues, so that an address is not reused immediately: a client that still has the old one would
# reach the wrong machine.
_next: dict[str, int] = {}


def private_address(subnet_id: str) -> str:
    """A free address of a subnet, from its tenth up."""
    subnet = ec2._subnets.get(subnet_id)
    network = IPv4Network(subnet["CidrBlock"] if subnet else "10.0.0.0/24")
    return _free(subnet_id, network, (i["PrivateIpAddress"] for i in _living() if i["SubnetId"] == subnet_id))


def public_address() -> str:
    """A free public address."""
    everyone = (i["PublicIpAddress"] for i in ec2._instances.all_values() if i["State"]["Name"] != "terminated")
    return _free("public", PUBLIC, everyone)


def _living() -> Iterable[dict[str, Any]]:
    return (i for i in ec2._instances.values() if i["State"]["Name"] != "terminated")


def _free(pool: str, network: IPv4Network, taken: Iterable[str]) -> str:
    used = set(taken)
    hosts = network.num_addresses - 1 - FIRST_HOST
    start = _next.get(pool, 0)
    for step in range(hosts):
        offset = (start + step) % hosts
        address = str(network.network_address + FIRST_HOST + offset)
        if address not in used:
            _next[pool] = offset + 1
            return address
    raise ValueError(f"InsufficientFreeAddressesInSubnet: {network} has no free address")
