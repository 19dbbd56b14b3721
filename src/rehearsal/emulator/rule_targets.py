"""The targets of EventBridge rules: topics and functions, each only if its policy lets EventBridge use it.

Without the permission the event is dropped, and only the metric FailedInvocations shows it.

Replaces in `ministack.services.eventbridge`: `_dispatch_to_sns` and `_dispatch_to_lambda`, which do not check policies,
and wraps `_invoke_target`, which has the rule.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_region
from ministack.services import cloudwatch, eventbridge, lambda_svc, sns

from . import functions
from .scope import arn

logger = logging.getLogger("emulator")

_invoke = eventbridge._invoke_target
_rule: ContextVar[str] = ContextVar("rule", default="")


def publish(topic_arn: str, payload: str) -> None:
    """EventBridge publishes to a topic, without a subject."""
    if not _lets_publish(topic_arn):
        _fail(f"publish to {topic_arn}: its policy does not let events.amazonaws.com")
    elif sns.publish_internal(topic_arn, payload) is None:
        _fail(f"publish to {topic_arn}: there is no such topic")


def _lets_publish(topic_arn: str) -> bool:
    topic = sns._topic_by_arn_any_scope(topic_arn) or {}
    policy = topic.get("attributes", {}).get("Policy")
    # A topic's default policy applies to its owner only, not to EventBridge.
    if not policy or json.loads(policy).get("Id") == "__default_policy_ID":
        return False
    # EventBridge passes neither rule nor account to SNS, so statements with such conditions allow nothing.
    return _allows(policy, "sns:Publish", topic_arn, {})


def invoke_function(function_arn: str, payload: str) -> None:
    """EventBridge invokes a function, and does not wait for it. It passes the rule's ARN as `aws:SourceArn`."""
    function, config, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if not function or not config:
        _fail(f"invoke {function_arn}: there is no such function")
        return
    keys = {"aws:sourcearn": arn("events", f"rule/{_rule.get()}"), "aws:sourceaccount": function_arn.split(":")[4]}
    if _allows(json.dumps(function["policy"]), "lambda:InvokeFunction", function_arn, keys):
        functions.invoke(function, config, json.loads(payload))
    else:
        _fail(f"invoke {function_arn}: its policy does not let events.amazonaws.com for this rule")


def _allows(policy: str, action: str, resource_arn: str, keys: dict[str, str]) -> bool:
    caller = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        secure_transport=True,
        service_context=keys,
    )
    return evaluate_resource_policy(policy, caller, service="events.amazonaws.com").decision == "Allow"


def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
    """EventBridge invokes a rule's target and counts that in CloudWatch."""
    token = _rule.set(rule.get("Name", ""))
    try:
        _count("Invocations")
        _invoke(target, event, rule, view)
    finally:
        _rule.reset(token)


def _fail(what: str) -> None:
    _count("FailedInvocations")
    logger.warning("The rule %s may not %s", _rule.get(), what)


def _count(metric: str) -> None:
    cloudwatch.record_metric("AWS/Events", metric, 1, dimensions={"RuleName": _rule.get()})


def install() -> None:
    eventbridge._dispatch_to_sns = publish
    eventbridge._dispatch_to_lambda = invoke_function
    eventbridge._invoke_target = invoke
