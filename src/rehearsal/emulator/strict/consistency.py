"""Changes that are not visible everywhere in AWS immediately.

IAM guide, "Troubleshoot IAM", changes are not always immediately visible; EC2 API, "Eventual consistency". For `settle`
seconds a new role cannot be assumed by any principal or service; new tags and images of EC2 are not found; lists omit new
resources and contain deleted ones; and the name of a deleted parameter cannot be reused, for which SSM requires 30 s.
On AWS it takes seconds, sometimes a minute.

Replaces the `_data` of stores in `ministack.services`, to store when each entry was created and deleted. Replaces
in `ministack.core.iam_evaluator`: `evaluate_trust_policy`; in `ministack.services`: `sns._list_topics`,
`secretsmanager._list_secrets`, `ssm._put_parameter`, and the listing actions of `iam` and `ec2`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json
from ministack.services import ec2, iam, secretsmanager, sns, ssm

settle = 0.0

TAKEN = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."


class Dated(dict[Any, Any]):
    """Entries with the time of their creation, and deleted entries."""

    def __init__(self, entries: dict[Any, Any]) -> None:
        super().__init__(entries)
        self.born: dict[Any, float] = {}
        self.gone: dict[Any, tuple[float, Any]] = {}

    def __setitem__(self, key: Any, value: Any) -> None:
        if key not in self:
            self.born[key] = time.monotonic()
            self.gone.pop(key, None)
        super().__setitem__(key, value)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def __delitem__(self, key: Any) -> None:
        self.gone[key] = (time.monotonic(), self[key])
        self.born.pop(key, None)
        super().__delitem__(key)

    def pop(self, key: Any, *default: Any) -> Any:
        if key not in self:
            return super().pop(key, *default)
        value = self[key]
        del self[key]
        return value

    def is_new(self, key: Any) -> bool:
        return time.monotonic() - self.born.get(key, float("-inf")) < settle

    def was_there(self, key: Any) -> bool:
        """Whether it was deleted less than `settle` seconds ago."""
        return time.monotonic() - self.gone.get(key, (float("-inf"), None))[0] < settle

    @contextmanager
    def as_listed(self) -> Iterator[None]:
        """The stale view: without new entries, and with deleted ones."""
        hidden = {key: self[key] for key in list(self.born) if self.is_new(key)}
        ghosts = {key: value for key, (_, value) in self.gone.items() if self.was_there(key)}
        self.gone = {key: self.gone[key] for key in ghosts}
        for key in hidden:
            super().__delitem__(key)
        super().update(ghosts)
        try:
            yield
        finally:
            for key in ghosts:
                super().__delitem__(key)
            super().update(hidden)


def _dated(store: Any) -> Dated:
    if not isinstance(store._data, Dated):
        store._data = Dated(store._data)
    return store._data


def role_is_new(name: str) -> bool:
    """Whether a role is so new that it cannot be assumed yet."""
    return _dated(iam._roles).is_new(iam._roles._scoped(name))


def parameter_was_there(name: str) -> bool:
    """Whether a parameter was deleted so recently that its name cannot be used again yet."""
    return _dated(ssm._parameters).was_there(ssm._parameters._scoped(name))


def _listing(store: Any, action: Callable[..., Any]) -> Callable[..., Any]:
    dated = _dated(store)

    def listed(*args: Any) -> Any:
        with dated.as_listed():
            return action(*args)

    return listed


def install(seconds: float) -> None:
    global settle
    settle = seconds
    trusted, put_parameter = iam_evaluator.evaluate_trust_policy, ssm._put_parameter

    def evaluate_trust_policy(document: Any, caller: str, context: Any) -> bool:
        return not role_is_new(context.resource_arn.rpartition("/")[2]) and trusted(document, caller, context)

    def put(data: dict[str, Any]) -> Any:
        if parameter_was_there(data.get("Name", "")) and not data.get("Overwrite"):
            return error_response_json("ParameterAlreadyExists", TAKEN, 400)
        return put_parameter(data)

    for store in (iam._roles, ssm._parameters):
        _dated(store)
    iam_evaluator.evaluate_trust_policy = evaluate_trust_policy
    ssm._put_parameter = put
    sns._list_topics = _listing(sns._topics, sns._list_topics)
    secretsmanager._list_secrets = _listing(secretsmanager._secrets, secretsmanager._list_secrets)
    for action, store in (("ListRoles", iam._roles), ("ListInstanceProfiles", iam._instance_profiles)):
        iam._IAM_HANDLERS[action] = _listing(store, iam._IAM_HANDLERS[action])
    for action in [name for name in ec2._ACTION_MAP if name.startswith("Describe")]:
        ec2._ACTION_MAP[action] = _listing(ec2._tags, ec2._ACTION_MAP[action])
    ec2._ACTION_MAP["DescribeImages"] = _listing(ec2._images, ec2._ACTION_MAP["DescribeImages"])
