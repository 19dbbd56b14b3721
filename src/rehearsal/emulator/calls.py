"""A log of the calls that were checked against policies: principal, action, resource and result.

It shows which rights a program needs, including those that CloudFormation requires of a caller or of a stack's role.
A repeated call with the same result is not logged again. Calls of the account's root user are not checked, so they
are not in the log; neither are those of a role without policies, which is being deleted while a function still runs.

Replaces in `ministack.core.iam_evaluator`: `enforce`, and in `strict.stack_rights`: `denial`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import PrincipalInfo
from ministack.core.responses import get_account_id, get_region
from ministack.services.tagging import resource_tags

from .strict import stack_rights

_enforce, _denial = iam_evaluator.enforce, stack_rights.denial


class List:
    """The file of calls. If it is emptied, calls are logged again."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.listed: set[str] = set()

    def add(self, caller: str, action: str, resource: str, context: dict[str, Any], allowed: bool) -> None:
        call = {"caller": caller, "action": action, "resource": resource, "context": context, "allowed": allowed}
        line = json.dumps(call)
        if not self.file.exists() or self.file.stat().st_size == 0:
            self.listed.clear()
        if line in self.listed:
            return
        self.listed.add(line)
        with self.file.open("a") as calls:
            calls.write(line + "\n")


def install(file: Path | None) -> None:
    if file is None:
        return
    calls = List(file)

    def enforce(
        access_key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        tags = resource_tags(resource_arn) or {}
        refused = _enforce(access_key, action, service, region, resource_arn, service_context)
        caller = iam_evaluator.resolve_principal(access_key, get_account_id())
        if isinstance(caller, PrincipalInfo) and (caller.policies or caller.type == "User"):
            context = {
                "aws:RequestedRegion": region,
                **(service_context or {}),
                **{f"aws:ResourceTag/{name}": value for name, value in tags.items()},
            }
            calls.add(caller.arn, action, resource_arn, context, refused is None)
        return refused

    def denial(principal: PrincipalInfo, action: str, arn: str, keys: dict[str, Any]) -> str | None:
        denied = _denial(principal, action, arn, keys)
        calls.add(principal.arn, action, arn, {"aws:RequestedRegion": get_region(), **keys}, denied is None)
        return denied

    iam_evaluator.enforce = enforce
    stack_rights.denial = denial
