"""CloudFormation with durations: it waits for groups of machines, and a deletion waits for the creation that it stops.

MiniStack provisions a whole stack immediately, so a stack is never partially created. Here a group is complete when its
machines are in service, and deleted when they are terminated. Meanwhile the stack can be deleted: its creation stops
immediately, and everything that it has created is deleted.

Replaces in `ministack.services.cloudformation`: `stacks._runs_on_worker_thread`, `._provision_resource`,
`._update_resource`, `._delete_resource`, `._roll_back_operation`; `_deploy_stack_async` and `_delete_stack_async`
in all callers; the action CreateChangeSet, which would start a change during another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import autoscaling
from ministack.services.cloudformation import _stacks, changesets, handlers, stacks
from ministack.services.cloudformation.helpers import _error, _p
from ministack.services.cloudformation.provisioners import _NAME_SEED

from . import group_api, groups, scope
from .settings import Settings
from .strict import existing, limits, properties, service_linked_roles, stack_rights

GROUP = "AWS::AutoScaling::AutoScalingGroup"
POLL_SECONDS = 0.1
CANCELLED = "Resource creation cancelled"

_blocks = stacks._runs_on_worker_thread
_provision, _update, _delete = stacks._provision_resource, stacks._update_resource, stacks._delete_resource
_deploy_stack, _delete_stack, _roll_back = (
    stacks._deploy_stack_async,
    stacks._delete_stack_async,
    stacks._roll_back_operation,
)
_create_change_set = handlers._ACTION_HANDLERS["CreateChangeSet"]

_settings: Settings
# By stack id.
_running: dict[str, asyncio.Future[None]] = {}
_deleting: set[str] = set()


def _cancelled(stack_name: str | None) -> bool:
    stack = _stacks.get(stack_name)
    return bool(stack) and stack["StackId"] in _deleting and stack["StackId"] in _running


async def deploy(stack_name: str, stack_id: str, *args: Any, **kwargs: Any) -> None:
    """Creates or updates a stack, which is marked as running meanwhile."""
    done = _running[stack_id] = asyncio.get_running_loop().create_future()
    try:
        await _deploy_stack(stack_name, stack_id, *args, **kwargs)
    finally:
        del _running[stack_id]
        done.set_result(None)


async def delete(stack_name: str, stack_id: str, retain_resources: Any = (), force: bool = False) -> None:
    """Deletes a stack once, after any operation in progress has stopped."""
    if stack_id in _deleting:
        return
    _deleting.add(stack_id)
    try:
        running = _running.get(stack_id)
        if running:
            _stacks[stack_name]["StackStatus"] = "DELETE_IN_PROGRESS"
            await running
        await _delete_stack(stack_name, stack_id, retain_resources, force)
    finally:
        _deleting.discard(stack_id)


async def roll_back(stack_name: str, *args: Any, **kwargs: Any) -> None:
    """A stack that is about to be deleted is not rolled back."""
    if not _cancelled(stack_name):
        await _roll_back(stack_name, *args, **kwargs)


def create_change_set(params: dict[str, Any]) -> Any:
    stack = handlers._resolve_stack(_p(params, "StackName"))
    status = (stack or {}).get("StackStatus", "")
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        return _error("ValidationError", f"Stack:{stack['StackId']} is in {status} state and can not be updated.")
    return _create_change_set(params)


def runs_on_worker_thread(resource_type: str) -> bool:
    return resource_type == GROUP or _settings.pace > 0 or _blocks(resource_type)


def _carry_out(action: Callable[..., Any], resource_type: str, *args: Any) -> Any:
    """One step of a stack, from its thread if it has one: changes are made on the loop, waiting is done here."""
    if not runs_on_worker_thread(resource_type):
        return action(resource_type, *args)
    time.sleep(_settings.pace)
    if _blocks(resource_type):
        return action(resource_type, *args)

    def act() -> tuple[Any, str]:
        return action(resource_type, *args), _NAME_SEED.get()

    result, seed = scope.on_loop(act)
    _NAME_SEED.set(seed)
    return result


def provision(resource_type: str, logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
    if _cancelled(stack_name):
        raise ValueError(CANCELLED)
    properties.check(resource_type, logical_id, props)
    stack_rights.check("create", resource_type, stack_name, logical_id, "", {}, props)
    existing.check(resource_type, props)
    limits.check(resource_type, "", props)
    service_linked_roles.ensure(resource_type)
    result = _carry_out(_provision, resource_type, logical_id, props, stack_name)
    if resource_type == GROUP:
        try:
            _stabilise(result[0], stack_name)
        except ValueError:
            # The stack does not contain the group yet, so nothing else would delete it.
            _dismiss(result[0])
            raise
    return result


def update(resource_type: str, physical_id: str, old: Any, new: Any, stack_name: str, *rest: Any) -> Any:
    if _cancelled(stack_name):
        raise ValueError(CANCELLED)
    if old != new:
        properties.check(resource_type, rest[0] if rest else "", new)
        limits.check(resource_type, physical_id, new)
        stack_rights.check("update", resource_type, stack_name, rest[0] if rest else "", physical_id, old, new)
    result = _carry_out(_update, resource_type, physical_id, old, new, stack_name, *rest)
    if resource_type == GROUP:
        _stabilise(result[0], stack_name)
    return result


def remove(
    resource_type: str, physical_id: str, props: Any, stack_name: str | None = None, logical_id: str | None = None
) -> None:
    if stack_name:
        stack_rights.check("delete", resource_type, stack_name, logical_id or "", physical_id, props, props)
    if resource_type == GROUP:
        _dismiss(physical_id)
    _carry_out(_delete, resource_type, physical_id, props, stack_name, logical_id)


def _stabilise(name: str, stack_name: str) -> None:
    """Waits until a group's desired number of machines is in service."""
    deadline = time.monotonic() + _settings.stabilise
    while True:
        if _cancelled(stack_name):
            raise ValueError(CANCELLED)
        group = autoscaling._asgs.get(name)
        if group is None:
            raise ValueError(f"Group {name} was deleted while its stack waited for it.")
        if groups.in_service(group) >= group["DesiredCapacity"]:
            return
        if time.monotonic() > deadline:
            raise ValueError(_unstable(group))
        time.sleep(POLL_SECONDS)


def _unstable(group: groups.Group) -> str:
    sizes = f"{groups.in_service(group)}/{group['MinSize']}/{group['DesiredCapacity']}"
    failed = next((a["StatusMessage"] for a in group.get("_activities", []) if a["StatusCode"] == "Failed"), "")
    reason = f" Failed Scaling Activity: {failed}" if failed else ""
    return f"Group did not stabilize. {{current/minimum/desired}} group size = {{{sizes}}}.{reason}"


def _dismiss(name: str) -> None:
    """Terminates a group's machines, through their hooks, and waits until they and the group are gone."""
    group = autoscaling._asgs.get(name)
    if group is None:
        return
    scope.on_loop(group_api.dismiss, group, False)
    deadline = time.monotonic() + _settings.stabilise
    while autoscaling._asgs.get(name) is group:
        if any(member["LifecycleState"] == "Terminating:Wait" for member in group["Instances"]):
            # Hooks delay a deletion while they wait.
            deadline = time.monotonic() + _settings.stabilise
        if time.monotonic() > deadline:
            left = ", ".join(member["InstanceId"] for member in group["Instances"])
            raise ValueError(
                f"Group did not stabilize: {left} of {name} in {get_account_id()}/{get_region()} did not end."
            )
        time.sleep(POLL_SECONDS)


def install(settings: Settings) -> None:
    global _settings
    _settings = settings
    stacks._runs_on_worker_thread = runs_on_worker_thread
    stacks._provision_resource, stacks._update_resource, stacks._delete_resource = provision, update, remove
    stacks._roll_back_operation = handlers._roll_back_operation = roll_back
    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = deploy
        module._delete_stack_async = delete
    handlers._ACTION_HANDLERS["CreateChangeSet"] = create_change_set
