"""Rights of RunInstances and CreateImage, which concern several resources: a policy has to allow each of them.

Service authorization reference, EC2. MiniStack evaluates a call on a single resource.

Replaces in `ministack.core.iam_evaluator`: `enforce`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import AuthError
from ministack.core.responses import new_uuid
from ministack.services import ec2

from . import launches, principals, resource_arns, stack_rights

Params = dict[str, Any]
Tags = dict[str, list[dict[str, str]]]
"""Tags that a request gives to new resources, by type."""
Asked = tuple[str, str, dict[str, Any]]

# These actions evaluate their rights themselves.
HERE = ("ec2:RunInstances", "ec2:CreateImage")

_authenticate = iam_evaluator.enforce


def requested_tags(params: Params) -> Tags:
    """The tags of a request's TagSpecifications."""
    found: Tags = {}
    index = 1
    while kind := ec2._p(params, f"TagSpecification.{index}.ResourceType"):
        own = {key.partition(".Tag.")[2]: value for key, value in params.items() if key.startswith(f"TagSpecification.{index}.Tag.")}
        found.setdefault(kind, []).extend(ec2._parse_tags({f"Tag.{key}": value for key, value in own.items()}))
        index += 1
    return found


def tags_of(data: dict[str, Any]) -> Tags:
    """The tags in the settings of a launch."""
    return {entry["ResourceType"]: list(entry["Tags"]) for entry in data.get("TagSpecifications") or []}


def of_image(instance_id: str, tags: Tags) -> Iterator[Asked]:
    """What CreateImage asks for."""
    for kind, resource_id in (("image", "*"), ("snapshot", "*"), ("instance", instance_id)):
        yield _with_tags("ec2:CreateImage", resource_arns.ec2_arn(kind, resource_id), {}, tags.get(kind))
    yield from _tagging("CreateImage", tags)


def of_launch(template_id: str | None, data: dict[str, Any], subnets: list[str], tags: Tags) -> Iterator[Asked]:
    """What RunInstances asks for. `data` and `tags`: those of the launch template, with the request's."""
    for action, arn, keys in launches.launched(template_id, data, subnets):
        kind = arn.split(":", 5)[5].partition("/")[0]
        yield _with_tags(action, arn, keys, tags.get(kind) if kind in launches.MADE else None)
    yield from _tagging("RunInstances", tags)
    yield from launches.role_of(data)


def _tagging(action: str, tags: Tags) -> Iterator[Asked]:
    for kind, pairs in tags.items():
        if pairs:
            arn = resource_arns.ec2_arn(kind, "*")
            yield _with_tags("ec2:CreateTags", arn, {"ec2:createaction": action}, pairs)


def _with_tags(action: str, arn: str, keys: dict[str, Any], pairs: list[dict[str, str]] | None) -> Asked:
    return action, arn, {**stack_rights.tag_keys(action, arn, {}, {"Tags": pairs or []}), **keys}


def unauthorized(asked: Iterable[Asked]) -> Any:
    """EC2's answer if the caller of the current request lacks a right. None: they have all."""
    caller = principals.caller()
    if caller is None:
        return None
    refusals = (stack_rights.denial(caller, action, arn, keys) for action, arn, keys in asked)
    refusal = next((refusal for refusal in refusals if refusal), None)
    if refusal is None:
        return None
    encoded = new_uuid().replace("-", "")
    message = f"You are not authorized to perform this operation. {refusal}. Encoded authorization failure message: {encoded}"
    return ec2._error("UnauthorizedOperation", message, 403)


def install() -> None:
    enforced = iam_evaluator.enforce

    def enforce(access_key: str, action: str, *args: Any, **kwargs: Any) -> Any:
        if action not in HERE:
            return enforced(access_key, action, *args, **kwargs)
        failure = _authenticate(access_key, action, *args, **kwargs)
        return failure if isinstance(failure, AuthError) else None

    iam_evaluator.enforce = enforce
