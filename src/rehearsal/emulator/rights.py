"""SimulatePrincipalPolicy: whether a principal is allowed actions on resources in a context.

MiniStack does not find principals with a path, evaluates only the first resource, and ignores the context.

Replaces in `ministack.services.iam`: the action SimulatePrincipalPolicy.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny"}


def _list(params: dict[str, Any], name: str) -> list[str]:
    found: list[str] = []
    while value := iam._p(params, f"{name}.member.{len(found) + 1}"):
        found.append(value)
    return found


def _context(params: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while key := iam._p(params, f"ContextEntries.member.{len(found) + 1}.ContextKeyName"):
        entry = f"ContextEntries.member.{len(found) + 1}"
        values = _list(params, f"{entry}.ContextKeyValues")
        found[key.lower()] = values if iam._p(params, f"{entry}.ContextKeyType").endswith("List") else values[0]
    return found


def simulate(params: dict[str, Any]) -> Any:
    source, account = iam._p(params, "PolicySourceArn"), get_account_id()
    kind, _, name = source.rpartition(":")[2].partition("/")
    gather = {"user": iam_evaluator._gather_user_policies, "role": iam_evaluator._gather_role_policies}.get(kind)
    if gather is None:
        return iam._error(400, "InvalidInput", f"{source} is not a user or role.", ns="iam")
    policies = gather(name.rpartition("/")[2], account)
    context = _context(params)
    members = ""
    for resource in _list(params, "ResourceArns") or ["*"]:
        for action in _list(params, "ActionNames"):
            result = iam_evaluator.evaluate(
                iam_evaluator.EvalContext(
                    principal_arn=source,
                    principal_type="User" if kind == "user" else "AssumedRole",
                    principal_account=account,
                    action=action,
                    resource_arn=resource,
                    region=context.get("aws:requestedregion", get_region()),
                    service_context=context,
                ),
                policies,
            )
            members += (
                f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
                f"<EvalDecision>{DECISIONS.get(result.decision, 'implicitDeny')}</EvalDecision></member>"
            )
    return iam._xml(
        200,
        "SimulatePrincipalPolicyResponse",
        f"<SimulatePrincipalPolicyResult><EvaluationResults>{members}</EvaluationResults>"
        "<IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult>",
        ns="iam",
    )


def install() -> None:
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate
