"""Properties of resources, checked against the registry's schema of their type.

When a change set is created, all known properties are checked, and names of existing resources; on errors the change
set fails (CloudFormation guide, "Validate stack deployments"). When a resource is created, all its properties are known
and checked.

Changes in `ministack.services.cloudformation.handlers`: the actions CreateChangeSet and DescribeEvents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from ministack.core.responses import new_uuid, now_iso
from ministack.services.cloudformation import _stacks, changesets, handlers
from ministack.services.cloudformation.helpers import _p

from . import existing, reference

Schema = dict[str, Any]
Fault = tuple[str, str]
"""The path below the properties, and the message."""

EARLY = (
    "The following hook(s)/validation failed: [AWS::EarlyValidation::{}]. "
    "To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information."
)
PLAIN: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def faults(resource_type: str, props: Any) -> list[Fault]:
    """Errors in properties. Unresolved intrinsic functions match anything."""
    schema = reference.schema(resource_type)
    return [] if schema is None else list(_faults(schema, schema, props, ""))


def _is_unresolved(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::", "Condition"))


def _faults(root: Schema, schema: Schema, value: Any, path: str) -> Iterator[Fault]:
    while "$ref" in schema:
        schema = _referred(root, schema["$ref"])
    if _is_unresolved(value) or value is None:
        return
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type") or []
    if types and not any(_fits(value, name) for name in types):
        yield path, f"{value!r} is not of type {', '.join(types)}"
        return
    if isinstance(value, dict):
        yield from _faults_of_object(root, schema, value, path)
    elif isinstance(value, list):
        yield from _faults_of_array(root, schema, value, path)
    else:
        yield from _faults_of_scalar(schema, types, value, path)
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives and all(any(True for _ in _faults(root, one, value, path)) for one in alternatives):
        yield path, "does not match any of the forms that are allowed"
    for one in schema.get("allOf") or ():
        yield from _faults(root, one, value, path)


@cache
def _pointer(reference_: str) -> tuple[str, ...]:
    return tuple(reference_.removeprefix("#/").split("/"))


def _referred(root: Schema, reference_: str) -> Schema:
    found: Any = root
    for part in _pointer(reference_):
        found = found[part]
    return found


def _fits(value: Any, name: str) -> bool:
    """Whether CloudFormation accepts a value for a type: it converts strings to numbers and booleans, and both to
    strings."""
    if name == "string":
        return not isinstance(value, (dict, list))
    if name == "boolean":
        return isinstance(value, bool) or str(value).lower() in ("true", "false")
    if name in ("integer", "number"):
        number = _number(value)
        return number is not None and (name == "number" or number == int(number))
    return isinstance(value, PLAIN.get(name, object))


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _faults_of_object(root: Schema, schema: Schema, value: dict[str, Any], path: str) -> Iterator[Fault]:
    properties, patterns = schema.get("properties") or {}, schema.get("patternProperties") or {}
    for name in schema.get("required") or ():
        if name not in value:
            yield path, f"Required property [{name}] not found"
    for name, item in value.items():
        below = [properties[name]] if name in properties else []
        below += [one for pattern, one in patterns.items() if _matches(pattern, name)]
        if not below and schema.get("additionalProperties") is False:
            yield f"{path}/{name}", f"Unsupported property [{name}]"
        for one in below:
            yield from _faults(root, one, item, f"{path}/{name}")


def _faults_of_array(root: Schema, schema: Schema, value: list[Any], path: str) -> Iterator[Fault]:
    if len(value) > schema.get("maxItems", len(value)):
        yield path, f"expected maximum item count: {schema['maxItems']}, found: {len(value)}"
    if len(value) < schema.get("minItems", 0):
        yield path, f"expected minimum item count: {schema['minItems']}, found: {len(value)}"
    if schema.get("uniqueItems") and len({repr(item) for item in value}) < len(value):
        yield path, "array items are not unique"
    for index, item in enumerate(value):
        yield from _faults(root, schema.get("items") or {}, item, f"{path}/{index}")


def _faults_of_scalar(schema: Schema, types: list[str], value: Any, path: str) -> Iterator[Fault]:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    allowed = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
    if allowed and text not in [str(one).lower() if isinstance(one, bool) else str(one) for one in allowed]:
        yield path, f"#{path}: {text} is not a valid enum value"
    if "string" in types:
        if len(text) > int(schema.get("maxLength", len(text))):
            yield path, f"expected maxLength: {schema['maxLength']}, actual: {len(text)}"
        if len(text) < int(schema.get("minLength", 0)):
            yield path, f"expected minLength: {schema['minLength']}, actual: {len(text)}"
        if "pattern" in schema and not _matches(schema["pattern"], text):
            yield path, f"failed validation constraint for keyword [pattern] ({schema['pattern']})"
    number = _number(value)
    if number is not None and {"integer", "number"} & set(types):
        if number > schema.get("maximum", number):
            yield path, f"{text} is not less or equal to {schema['maximum']}"
        if number < schema.get("minimum", number):
            yield path, f"{text} is not greater or equal to {schema['minimum']}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        # A Java regular expression that Python cannot parse.
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None


def check(resource_type: str, logical_id: str, props: Any) -> None:
    """Raises ValueError with CloudFormation's message if a resource's properties do not match their schema."""
    if resource_type == "AWS::AutoScaling::AutoScalingGroup" and props.get("Tags"):
        # Includes stack tags, as MiniStack adds them; the template's own tags are checked with the change set.
        props = {**props, "Tags": [{"PropagateAtLaunch": True, **tag} for tag in props["Tags"]]}
    found = faults(resource_type, props)
    if found:
        listed = ", ".join(f"#{path}: {what}" for path, what in found)
        raise ValueError(f"Properties validation failed for resource {logical_id} with message:\n[{listed}]")


def _validated(create: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def create_change_set(params: dict[str, Any]) -> Any:
        answer = create(params)
        _, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
        if answer[0] < 400 and change_set and change_set["Status"] == "CREATE_COMPLETE":
            _fail_early(change_set)
        return answer

    return create_change_set


def _fail_early(change_set: dict[str, Any]) -> None:
    """Fails a change set whose template cannot be deployed, with an event per reason."""
    stack = _stacks[change_set["StackName"]]
    wrong = [
        ("PROPERTY_VALIDATION", logical_id, kind, f"/Resources/{logical_id}/Properties{path}", what)
        for logical_id, resource in change_set["_template"].get("Resources", {}).items()
        for kind in [resource.get("Type", "")]
        for path, what in faults(kind, resource.get("Properties") or {})
    ]
    taken = [
        ("NAME_CONFLICT_VALIDATION", logical_id, kind, f"/Resources/{logical_id}", what)
        for logical_id, kind, what in existing.taken(change_set, stack)
    ]
    if not wrong and not taken:
        return
    change_set.update(
        Status="FAILED",
        ExecutionStatus="UNAVAILABLE",
        StatusReason=EARLY.format("PropertyValidation" if wrong else "ResourceExistenceCheck"),
    )
    operation = new_uuid()
    stack["_operation_events"] = [
        {
            "EventId": new_uuid(),
            "StackId": change_set["StackId"],
            "OperationId": operation,
            "OperationType": "CREATE_CHANGESET",
            "OperationStatus": "FAILED",
            "EventType": "VALIDATION_ERROR",
            "Timestamp": now_iso(),
            "LogicalResourceId": logical_id,
            "ResourceType": kind,
            "ValidationFailureMode": "FAIL",
            "ValidationName": name,
            "ValidationStatus": "FAILED",
            "ValidationStatusReason": what,
            "ValidationPath": path,
        }
        for name, logical_id, kind, path, what in [*wrong, *taken]
    ]


def _describing(describe: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Events of a change set are stored with its stack."""

    def described(params: dict[str, Any]) -> Any:
        _, change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
        return describe({**params, "StackName": [change_set["StackName"]]} if change_set else params)

    return described


def install() -> None:
    handlers._ACTION_HANDLERS["DescribeEvents"] = _describing(handlers._ACTION_HANDLERS["DescribeEvents"])
    handlers._ACTION_HANDLERS["CreateChangeSet"] = _validated(handlers._ACTION_HANDLERS["CreateChangeSet"])
