"""A list of every call that was checked against policies: who asked for what, and what was said.

It shows which rights a program really needs. The account's root user is checked against nothing, so it is not in it.

Replaces in `ministack.core.iam_evaluator`: `enforce`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services.tagging import resource_tags

_enforce = iam_evaluator.enforce


def install(file: Path | None) -> None:
    if file is None:
        return

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
        if getattr(caller, "policies", None) is not None:
            call = {
                "caller": caller.arn,
                "action": action,
                "resource": resource_arn,
                "context": {
                    "aws:RequestedRegion": region,
                    **(service_context or {}),
                    **{f"aws:ResourceTag/{name}": value for name, value in tags.items()},
                },
                "allowed": refused is None,
            }
            with file.open("a") as calls:
                calls.write(json.dumps(call) + "\n")
        return refused

    iam_evaluator.enforce = enforce
