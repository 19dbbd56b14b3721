"""The principal that CloudFormation acts as: the stack's role, or the caller of the operation."""

from __future__ import annotations

import json
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import PrincipalInfo
from ministack.core.responses import get_account_id
from ministack.services import iam
from ministack.services.cloudformation import _stacks

from . import consistency

CLOUDFORMATION = "cloudformation.amazonaws.com"


def of_stack(stack_name: str) -> PrincipalInfo | None:
    """The principal of a stack's operation. None: unlimited."""
    if not app.AUTH:
        return None
    role = (_stacks.get(stack_name) or {}).get("RoleARN")
    return of_role(role.rpartition("/")[2], "AWSCloudFormation") if role else caller()


def caller() -> PrincipalInfo | None:
    """The caller of the current request, or of the operation in progress. None: the account's root user."""
    key = iam_evaluator._verified_key.get()
    if not app.AUTH or not key:
        return None
    found = iam_evaluator.resolve_principal(key, get_account_id())
    if isinstance(found, iam_evaluator.AuthError):
        raise PermissionError(found.message)
    return None if found.policies is None else found


def of_role(name: str, session: str) -> PrincipalInfo:
    """A service with a role."""
    account = get_account_id()
    return PrincipalInfo(
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        type="AssumedRole",
        account=account,
        policies=iam_evaluator._gather_role_policies(name, account),
        limits=iam_evaluator._permissions_boundary(iam._roles, name, account),
    )


def trusts(role: dict[str, Any], service: str, new: bool = False) -> bool:
    """Whether a role's trust policy lets a service assume it, and the role is visible to the service; with `new`, even if
    it is not yet."""
    if not new and consistency.role_is_new(role["RoleName"]):
        return False
    document = role.get("AssumeRolePolicyDocument") or "{}"
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement", [])
    return any(
        statement.get("Effect") == "Allow"
        and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        for statement in (statements if isinstance(statements, list) else [statements])
    )
