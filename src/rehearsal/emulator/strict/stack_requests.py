"""Rights that CloudFormation requires of its callers: to pass the role, and to read the template and the parameters.

Changes in `ministack.services.cloudformation.handlers`: the actions CreateChangeSet, ExecuteChangeSet, CreateStack,
UpdateStack and DeleteStack, which ignore roles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam
from ministack.services.cloudformation import _change_sets, _stacks, changesets, handlers
from ministack.services.cloudformation.helpers import _error, _p

from . import principals, stack_rights

Params = dict[str, Any]
Answer = Any


def refusal(params: Params) -> Answer | None:
    """Why this caller cannot create or update a stack with a role. None: it can."""
    role = _p(params, "RoleARN")
    caller = principals.caller()
    needed: list[tuple[str, str, dict[str, Any]]] = []
    if role:
        needed.append(("iam:PassRole", role, {"iam:passedtoservice": principals.CLOUDFORMATION}))
    template = _object_arn(_p(params, "TemplateURL"))
    if template:
        needed.append(("s3:GetObject", template, {}))
    for action, arn, keys in needed if caller else ():
        denied = stack_rights.denial(caller, action, arn, keys)
        if denied:
            return _error("AccessDenied", denied, 403)
    return _unusable(role) if role else None


def _object_arn(url: str) -> str:
    """ARN of the object at an S3 URL, which names the bucket in the host or first in the path."""
    if not url:
        return ""
    where = urlsplit(url)
    bucket, _, key = where.path.lstrip("/").partition("/")
    if ".s3." in (where.hostname or ""):
        bucket, key = (where.hostname or "").partition(".s3.")[0], where.path.lstrip("/")
    return f"arn:aws:s3:::{bucket}/{unquote(key)}"


def _unusable(role_arn: str) -> Answer | None:
    role = iam._roles.get(role_arn.rpartition("/")[2])
    if role and principals.trusts(role, principals.CLOUDFORMATION):
        return None
    return _error("ValidationError", f"Role {role_arn} is invalid or cannot be assumed")


def _parameters_refusal(params: Params) -> Answer | None:
    """Why a template's parameters cannot be read from SSM. Evaluated for the stack's role too: sources differ on whose
    rights count."""
    _, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
    role = _p(params, "RoleARN")
    readers = [principals.caller(), principals.of_role(role.rpartition("/")[2], "AWSCloudFormation") if role else None]
    for name in _read_parameters(change_set) if change_set else ():
        account = "" if name.startswith("/aws/service/") else get_account_id()
        arn = f"arn:aws:ssm:{get_region()}:{account}:parameter/{name.lstrip('/')}"
        for reader in filter(None, readers):
            denied = stack_rights.denial(reader, "ssm:GetParameters", arn, {})
            if denied:
                del _change_sets[change_set["ChangeSetId"]]
                return _error("AccessDenied", denied, 403)
    return None


def _read_parameters(change_set: dict[str, Any]) -> list[str]:
    """Names of the SSM parameters that a template's parameters refer to."""
    given = {entry["ParameterKey"]: entry["ParameterValue"] for entry in change_set["Parameters"]}
    return [
        str(parameter.get("Default") or given.get(name, ""))
        for name, parameter in change_set["_template"].get("Parameters", {}).items()
        if str(parameter.get("Type", "")).startswith("AWS::SSM::Parameter::Value<")
    ]


def _with_role(action: Callable[[Params], Answer], remember: Callable[[Params], None]) -> Callable[[Params], Answer]:
    def asked(params: Params) -> Answer:
        refused = refusal(params)
        if refused:
            return refused
        answer = action(params)
        if answer[0] < 400:
            remember(params)
        return answer

    return asked


def _reading(action: Callable[[Params], Answer]) -> Callable[[Params], Answer]:
    def create(params: Params) -> Answer:
        answer = action(params)
        return answer if answer[0] >= 400 or not app.AUTH else _parameters_refusal(params) or answer

    return create


def _remember_in_stack(params: Params) -> None:
    stack = handlers._resolve_stack(_p(params, "StackName"))
    if stack and _p(params, "RoleARN"):
        stack["RoleARN"] = _p(params, "RoleARN")


def _remember_in_change_set(params: Params) -> None:
    _, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
    if change_set:
        change_set["_role"] = _p(params, "RoleARN")


def _executing(action: Callable[[Params], Answer]) -> Callable[[Params], Answer]:
    """A stack keeps the role of its last executed change set for later operations."""

    def execute(params: Params) -> Answer:
        _, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
        stack = _stacks.get(change_set["StackName"]) if change_set else None
        if stack and change_set.get("_role"):
            stack["RoleARN"] = change_set["_role"]
        if stack and stack.get("RoleARN") and (unusable := _unusable(stack["RoleARN"])):
            return unusable
        return action(params)

    return execute


def _deleting(action: Callable[[Params], Answer]) -> Callable[[Params], Answer]:
    def delete(params: Params) -> Answer:
        refused = refusal(params)
        if refused:
            return refused
        _remember_in_stack(params)
        stack = handlers._resolve_stack(_p(params, "StackName"))
        alive = stack and stack.get("StackStatus") not in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")
        if alive and stack.get("RoleARN") and (unusable := _unusable(stack["RoleARN"])):
            return unusable
        return action(params)

    return delete


def install() -> None:
    actions = handlers._ACTION_HANDLERS
    actions["CreateChangeSet"] = _with_role(_reading(actions["CreateChangeSet"]), _remember_in_change_set)
    actions["ExecuteChangeSet"] = _executing(actions["ExecuteChangeSet"])
    for name in ("CreateStack", "UpdateStack"):
        actions[name] = _with_role(actions[name], _remember_in_stack)
    actions["DeleteStack"] = _deleting(actions["DeleteStack"])
