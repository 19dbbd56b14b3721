"""Security groups: their rules as CloudFormation resources, and their description for machines and load balancers.

Adds to `provisioners._RESOURCE_HANDLERS`: rules as separate resources. Changes there: groups (the default egress rule).
Replaces in `ministack.services.ec2`: `_parse_ip_permissions`, which ignores prefix lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

_parse = ec2._parse_ip_permissions

JsonObject = dict[str, Any]
Props = dict[str, Any]
Provisioned = tuple[str, dict[str, Any]]

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
# Protocols whose rules have ports, or ICMP type and code.
PORTED = (1, 6, 17, 58)


def ids(groups: list[Any]) -> list[str]:
    """The ids of the security groups of an instance or load balancer."""
    return [group["GroupId"] if isinstance(group, dict) else group for group in groups]


def described(used: set[str]) -> Iterator[JsonObject]:
    """Groups of the current account and region, as `emulated-state.ts` defines it."""
    for group_id, group in ec2._security_groups.items():
        if group_id in used:
            yield {
                "id": group_id,
                "inbound": [_rule(group, rule) for rule in group["IpPermissions"]],
                "outbound": [_rule(group, rule) for rule in group["IpPermissionsEgress"]],
            }


def _rule(group: JsonObject, rule: JsonObject) -> JsonObject:
    protocol = _protocol(str(rule.get("IpProtocol", "-1")).lower())
    ports = None
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if protocol in PORTED and first is not None:
        ports = {"from": int(first), "to": int(first if last is None else last)}
    return {
        "protocol": protocol,
        "ports": ports,
        "ranges": [
            *(each["CidrIp"] for each in rule.get("IpRanges", [])),
            *(each["CidrIpv6"] for each in rule.get("Ipv6Ranges", [])),
            *(cidr for each in rule.get("PrefixListIds", []) for cidr in _prefix_list(each["PrefixListId"])),
        ],
        "groups": [found for pair in rule.get("UserIdGroupPairs", []) if (found := _referenced(group, pair))],
    }


def _protocol(name: str) -> int | str:
    return "all" if name in ("-1", "all") else PROTOCOLS[name] if name in PROTOCOLS else int(name)


def _prefix_list(prefix_list_id: str) -> list[str]:
    """The current ranges: a rule follows changes of its prefix list."""
    own = ec2._prefix_lists.get(prefix_list_id)
    if own:
        return [entry["Cidr"] for entry in own["Entries"]]
    managed = ec2._resolve_aws_pl_by_id(prefix_list_id)
    return [managed["Cidr"]] if managed else []


def _referenced(group: JsonObject, pair: JsonObject) -> str | None:
    """The id of the group that a rule refers to, by id or, in the same VPC, by name."""
    if pair.get("GroupId"):
        return pair["GroupId"]
    wanted = (pair.get("GroupName"), group["VpcId"])
    return next((i for i, g in ec2._security_groups.items() if (g["GroupName"], g["VpcId"]) == wanted), None)


def _resource(direction: str) -> dict[str, Callable[..., Any]]:
    egress = direction == "Egress"
    key = "IpPermissionsEgress" if egress else "IpPermissions"

    def create(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        group = ec2._security_groups.get(props.get("GroupId", ""))
        if group is None:
            raise ValueError(f"The security group '{props.get('GroupId')}' does not exist")
        [rule] = provisioners._ec2_sg_permissions([props])
        rule_id = rule["SecurityGroupRuleId"] = ec2._sg_rule_id(group["GroupId"], egress, rule)
        if any(ec2._sg_rule_id(group["GroupId"], egress, other) == rule_id for other in group[key]):
            raise ValueError(
                "the specified rule already exists (Service: Ec2, Status Code: 400, InvalidPermission.Duplicate)"
            )
        if egress:
            _close_outbound(group)
        group[key].append(rule)
        return rule_id, {"Id": rule_id}

    def delete(physical_id: str, props: Props) -> None:
        group = ec2._security_groups.get(props.get("GroupId", ""))
        if group:
            group[key] = [r for r in group[key] if ec2._sg_rule_id(group["GroupId"], egress, r) != physical_id]

    def update(physical_id: str, old: Props, new: Props, stack_name: str) -> Provisioned:
        delete(physical_id, old)
        return create(physical_id, new, stack_name)

    return {"create": create, "update": update, "delete": delete}


def _close_outbound(group: JsonObject) -> None:
    """The default egress rule of a group without rules is removed with the first separate rule."""
    if group.pop("_open_outbound", False):
        group["IpPermissionsEgress"] = [
            rule for rule in group["IpPermissionsEgress"] if rule.get("SecurityGroupRuleId") or rule["IpProtocol"] != "-1"
        ]


def _groups(handler: dict[str, Callable[..., Any]]) -> None:
    create_group = handler["create"]

    def create(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        group_id, attributes = create_group(logical_id, props, stack_name)
        if not props.get("SecurityGroupEgress"):
            ec2._security_groups[group_id]["_open_outbound"] = True
        return group_id, attributes

    handler["create"] = create


def permissions(params: dict[str, Any], prefix: str) -> list[JsonObject]:
    """Rules of a request, including prefix lists."""
    rules = _parse(params, prefix)
    for number, rule in enumerate(rules, 1):
        lists = f"{prefix}.{number}.PrefixListIds"
        position = 1
        while found := ec2._p(params, f"{lists}.{position}.PrefixListId"):
            rule["PrefixListIds"].append({"PrefixListId": found})
            position += 1
    return rules


def install() -> None:
    ec2._parse_ip_permissions = permissions
    handlers = provisioners._RESOURCE_HANDLERS
    for direction in ("Ingress", "Egress"):
        handlers[f"AWS::EC2::SecurityGroup{direction}"] = _resource(direction)
    _groups(handlers["AWS::EC2::SecurityGroup"])
