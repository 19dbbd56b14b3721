"""Limits of sizes that are not in schemas.

IAM guide, "IAM and AWS STS quotas": whitespace does not count. VPC guide, "Amazon VPC quotas": 60 inbound and 60
outbound rules of a security group. EC2 guide: 16 KB of user data before it is encoded.

Replaces in `ministack.services.iam`: the actions CreatePolicy, CreatePolicyVersion, PutRolePolicy and PutUserPolicy.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from ministack.services import ec2, iam

Props = dict[str, Any]

INLINE = {"role": 10_240, "user": 2_048}
MANAGED = 6_144
TRUST = 2_048
RULES = 60
USER_DATA = 16_384


def size(document: Any) -> int:
    """Characters of a policy, as IAM counts them."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return len("".join(document.split()))
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def _inline(kind: str, name: str, documents: dict[str, Any]) -> None:
    if sum(map(size, documents.values())) > INLINE[kind]:
        raise ValueError(f"Maximum policy size of {INLINE[kind]} bytes exceeded for {kind} {name}")


def _managed(document: Any) -> None:
    if size(document) > MANAGED:
        raise ValueError(f"Cannot exceed quota for PolicySize: {MANAGED}")


def check(resource_type: str, physical_id: str, props: Props) -> None:
    """Raises ValueError if a resource of a stack exceeds a limit."""
    if resource_type in CHECKS:
        CHECKS[resource_type](physical_id, props)


def _inline_policy(physical_id: str, props: Props) -> None:
    for name in props.get("Roles") or []:
        held = (iam._roles.get(name) or {}).get("InlinePolicies") or {}
        _inline("role", name, {**held, props.get("PolicyName", ""): props.get("PolicyDocument")})


def _role(physical_id: str, props: Props) -> None:
    written = {policy.get("PolicyName"): policy.get("PolicyDocument") for policy in props.get("Policies") or []}
    _inline("role", props.get("RoleName") or physical_id, written)
    if size(props.get("AssumeRolePolicyDocument")) > TRUST:
        raise ValueError(f"Cannot exceed quota for ACLSizePerRole: {TRUST}")


def _managed_policy(physical_id: str, props: Props) -> None:
    _managed(props.get("PolicyDocument"))


def _launch_template(physical_id: str, props: Props) -> None:
    written = (props.get("LaunchTemplateData") or {}).get("UserData") or ""
    if len(base64.b64decode(written)) > USER_DATA:
        raise ValueError(f"User data is limited to {USER_DATA} bytes (Service: Ec2, Status Code: 400)")


def _group_rules(physical_id: str, props: Props) -> None:
    for key in ("SecurityGroupIngress", "SecurityGroupEgress"):
        _room_for(len(props.get(key) or []))


def _one_rule(key: str) -> Callable[[str, Props], None]:
    def check_one(physical_id: str, props: Props) -> None:
        group = ec2._security_groups.get(props.get("GroupId", "")) or {}
        if not physical_id:
            _room_for(1 + sum(_ranges(permission) for permission in group.get(key) or []))

    return check_one


def _ranges(permission: dict[str, Any]) -> int:
    """Number of rules of a permission: one per range, group or prefix list."""
    return sum(len(permission.get(key) or []) for key in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds"))


def _room_for(rules: int) -> None:
    if rules > RULES:
        raise ValueError(
            "The maximum number of rules per security group has been reached. "
            "(Service: Ec2, Status Code: 400, RulesPerSecurityGroupLimitExceeded)"
        )


CHECKS: dict[str, Callable[[str, Props], None]] = {
    "AWS::EC2::LaunchTemplate": _launch_template,
    "AWS::EC2::SecurityGroup": _group_rules,
    "AWS::EC2::SecurityGroupEgress": _one_rule("IpPermissionsEgress"),
    "AWS::EC2::SecurityGroupIngress": _one_rule("IpPermissions"),
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Policy": _inline_policy,
    "AWS::IAM::Role": _role,
}


def _limited(action: Callable[[Props], Any], limit: Callable[[Props], None]) -> Callable[[Props], Any]:
    def asked(params: Props) -> Any:
        try:
            limit(params)
        except ValueError as refusal:
            return iam._error(409, "LimitExceeded", str(refusal), ns="iam")
        return action(params)

    return asked


def _put_role_policy(params: Props) -> None:
    name = iam._p(params, "RoleName")
    held = (iam._roles.get(name) or {}).get("InlinePolicies") or {}
    _inline("role", name, {**held, iam._p(params, "PolicyName"): iam._p(params, "PolicyDocument")})


def _put_user_policy(params: Props) -> None:
    name = iam._p(params, "UserName")
    held = iam._user_inline_policies.get(name) or {}
    _inline("user", name, {**held, iam._p(params, "PolicyName"): iam._p(params, "PolicyDocument")})


def install() -> None:
    actions = iam._IAM_HANDLERS
    for name in ("CreatePolicy", "CreatePolicyVersion"):
        actions[name] = _limited(actions[name], lambda params: _managed(iam._p(params, "PolicyDocument")))
    actions["PutRolePolicy"] = _limited(actions["PutRolePolicy"], _put_role_policy)
    actions["PutUserPolicy"] = _limited(actions["PutUserPolicy"], _put_user_policy)
