"""The emulator in this process, without its port: an account for tests of what it refuses."""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.update(AUTH="true", GATEWAY_PORT="0", PERSIST_STATE="0", EMULATOR_TICK="0.05", EMULATOR_BOOT_SECONDS="0.05", EMULATOR_SETTLE="0")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
sys.path.insert(0, str(Path(__file__).parents[3] / "src/rehearsal"))

import ministack.app  # noqa: E402, F401
from emulator import __main__ as main  # noqa: E402
from emulator import credentials, scope  # noqa: E402
from emulator.settings import Settings  # noqa: E402
from ministack.core import iam_evaluator  # noqa: E402
from ministack.core.responses import request_scope  # noqa: E402
from ministack.services import iam, route53, s3  # noqa: E402
from ministack.services.cloudformation import _change_sets, _stack_events, _stacks, handlers  # noqa: E402

ACCOUNT = "000000000000"
REGION = "eu-central-1"
TEMPLATE = "https://s3.amazonaws.com/templates/template.json"
SETTINGS = Settings.read(os.environ)
main.install(SETTINGS)
# Everything is in one account and region.
SCOPE = request_scope(ACCOUNT, REGION)
SCOPE.__enter__()

Template = dict[str, Any]


def policy(*statements: tuple[str, list[str], list[str]]) -> str:
    """A policy of statements: effect, actions, resources."""
    written = [{"Effect": effect, "Action": actions, "Resource": resources} for effect, actions, resources in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": written})


def make_user(name: str, *documents: str) -> str:
    """Creates a user with inline policies. Returns its access key."""
    iam._IAM_HANDLERS["CreateUser"]({"UserName": [name]})
    for index, document in enumerate(documents):
        iam._IAM_HANDLERS["PutUserPolicy"](
            {"UserName": [name], "PolicyName": [f"policy-{index}"], "PolicyDocument": [document]}
        )
    iam._IAM_HANDLERS["CreateAccessKey"]({"UserName": [name]})
    return next(key for key, record in iam._access_keys.items() if record["UserName"] == name)


def make_role(name: str, service: str, *documents: str) -> str:
    """Creates a role that a service may assume. Returns its ARN."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    iam._IAM_HANDLERS["CreateRole"]({"RoleName": [name], "AssumeRolePolicyDocument": [json.dumps(trust)]})
    for index, document in enumerate(documents):
        iam._IAM_HANDLERS["PutRolePolicy"](
            {"RoleName": [name], "PolicyName": [f"policy-{index}"], "PolicyDocument": [document]}
        )
    return iam._roles[name]["Arn"]


def make_zone(zone_id: str, name: str) -> None:
    route53._zones[zone_id] = {"id": zone_id, "name": f"{name}.", "private": False}
    route53._records[zone_id] = []


def call(action: str, params: dict[str, str], key: str = "") -> tuple[int, str]:
    """A CloudFormation call with the given key. Returns status and body."""
    iam_evaluator._verified_key.set(key)
    status, _, body = handlers._ACTION_HANDLERS[action]({name: [value] for name, value in params.items()})
    return status, body.decode() if isinstance(body, bytes) else body


async def _until_still(stack: str, ticking: Any) -> str:
    for _ in range(4000):
        await asyncio.sleep(0.01)
        await main.tick(SETTINGS, ticking)
        status = (_stacks.get(stack) or {}).get("StackStatus", "GONE")
        if not status.endswith("_IN_PROGRESS"):
            return status
    raise AssertionError(f"{stack} still is {status}: {failures(stack)}")


def run(action: str, params: dict[str, str], key: str = "") -> str:
    """Starts an operation on a stack and waits for its end. Returns the stack's status, or the refusal's body."""

    async def operate() -> str:
        from emulator import simulation

        scope.use_loop(asyncio.get_running_loop())
        status, body = call(action, params, key)
        return body if status >= 400 else await _until_still(params["StackName"], simulation.Simulation(0.01))

    return contextvars.copy_context().run(asyncio.run, operate())


def create(stack: str, template: Template, key: str = "", role: str = "", **parameters: str) -> str:
    return _deploy("CreateStack", stack, template, key, role, parameters)


def update(stack: str, template: Template, key: str = "", role: str = "", **parameters: str) -> str:
    return _deploy("UpdateStack", stack, template, key, role, parameters)


def _deploy(action: str, stack: str, template: Template, key: str, role: str, parameters: dict[str, str]) -> str:
    body = json.dumps(template, separators=(",", ":"))
    # A long one has to be in a bucket.
    source = {"TemplateURL": TEMPLATE} if len(body) > 51_200 else {"TemplateBody": body}
    _put(body)
    params = {"StackName": stack, "Capabilities.member.1": "CAPABILITY_NAMED_IAM", **source, **_parameters(parameters)}
    if role:
        params["RoleARN"] = role
    return run(action, params, key)


def deploy(stack: str, template: Template, key: str, role: str, bucket: str, **parameters: str) -> str:
    """A change set with a role, of a template in a bucket, and its execution: as convoke deploys."""
    _put(json.dumps(template, separators=(",", ":")), code=b"an archive")
    params = {
        "StackName": stack,
        "ChangeSetName": "deploy",
        "ChangeSetType": "CREATE",
        "TemplateURL": f"https://s3.amazonaws.com/{bucket}/template.json",
        "RoleARN": role,
        "Capabilities.member.1": "CAPABILITY_NAMED_IAM",
        **_parameters(parameters),
    }
    status, body = call("CreateChangeSet", params, key)
    [change_set] = [one for one in _change_sets.values() if one["StackName"] == stack] or [{"StatusReason": body}]
    if status >= 400 or change_set["Status"] != "CREATE_COMPLETE":
        return change_set["StatusReason"]
    return run("ExecuteChangeSet", {"StackName": stack, "ChangeSetName": "deploy"}, key)


def _put(template: str, code: bytes | None = None) -> None:
    """Puts a template into buckets, and the code of functions if it is given."""
    s3._get_object_data = lambda _bucket, key, version_id=None: template.encode() if key == "template.json" else code


def session(role_name: str) -> str:
    """A key of a session with a role."""
    return credentials._issue(iam._roles[role_name], "test", 3600)["accessKeyId"]


def _parameters(given: dict[str, str]) -> dict[str, str]:
    return {
        f"Parameters.member.{index}.Parameter{part}": text
        for index, (name, value) in enumerate(given.items(), 1)
        for part, text in (("Key", name), ("Value", value))
    }


def delete(stack: str, key: str = "", role: str = "") -> str:
    return run("DeleteStack", {"StackName": stack, **({"RoleARN": role} if role else {})}, key)


def failures(stack: str) -> list[str]:
    """The reasons of failed resources of a stack, newest operation last."""
    stack_id = (_stacks.get(stack) or {}).get("StackId", "")
    return [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in _stack_events.get(stack_id, [])
        if event["ResourceStatus"].endswith("_FAILED") and event["ResourceType"] != "AWS::CloudFormation::Stack"
    ]
