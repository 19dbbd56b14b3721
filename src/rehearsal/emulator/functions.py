"""Lambda functions of stacks: their code runs in a Node.js process of this machine, with the rights of their role.

Lambda guide, "Invoke a Lambda function asynchronously": a failed event is retried twice, after one and two minutes,
which are seconds here; then it goes to the dead-letter queue. A throttled event waits. A new account has 10 concurrent
executions, all of which have to stay unreserved (aws-samples/alarm-context-tool #2). Node.js is this machine's,
regardless of the configured runtime. Requests of a function to the internet are intercepted (`webhooks.mjs`) and shown
with the mail.

Changes in `ministack.services`: `lambda_svc._ACCOUNT_CONCURRENCY_CAP`, `lambda_svc._emit_lambda_logs`, and the
provisioner of AWS::Lambda::Function.
"""

from __future__ import annotations

import contextvars
import json
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

from ministack import app
from ministack.services import cloudwatch_logs, iam, lambda_svc, sns
from ministack.services.cloudformation import provisioners

from .strict import principals, stack_rights

Props = dict[str, Any]

logger = logging.getLogger("emulator")

CONCURRENT = 10
RETRIES_AFTER_SECONDS = (1, 2)
THROTTLED_FOR_SECONDS = 1
CATCHER = Path(__file__).with_name("webhooks.mjs")


def invoke(function: dict[str, Any], config: dict[str, Any], event: Any) -> None:
    """Invokes a function asynchronously."""
    record = lambda_svc._execution_record_for_config(function, config)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_attempt, record, config, event), daemon=True).start()


def _attempt(record: dict[str, Any], config: dict[str, Any], event: Any) -> None:
    result: dict[str, Any] = {}
    for pause in (*RETRIES_AFTER_SECONDS, None):
        result = _execute(record, event)
        if not result.get("error"):
            return
        logger.warning("The function %s failed: %s", config["FunctionName"], result.get("log") or result.get("body"))
        if pause is not None:
            time.sleep(pause)
    target = (config.get("DeadLetterConfig") or {}).get("TargetArn", "")
    if ":sns:" in target:
        # The unchanged event, and the error in attributes, which mail does not show.
        sns.publish_internal(target, json.dumps(event))


def _execute(record: dict[str, Any], event: Any) -> dict[str, Any]:
    while True:
        result = lambda_svc._execute_function_with_config_scope(record, event)
        if not result.get("throttle"):
            failed = bool(result.get("error"))
            lambda_svc._emit_lambda_metrics(record["config"]["FunctionName"], duration_ms=0, error=failed, throttle=False)
            return result
        time.sleep(THROTTLED_FOR_SECONDS)


def _check(props: Props) -> None:
    """Raises ValueError with Lambda's message if it would refuse to create or change a function."""
    role = iam._roles.get(str(props.get("Role", "")).rpartition("/")[2])
    if role is None or not principals.trusts(role, "lambda.amazonaws.com", new=True):
        raise ValueError("The role defined for the function cannot be assumed by Lambda.")
    if props.get("ReservedConcurrentExecutions") is not None:
        raise ValueError(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{CONCURRENT}]."
        )
    target = (props.get("DeadLetterConfig") or {}).get("TargetArn")
    if target and app.AUTH:
        principal = principals.of_role(role["RoleName"], "lambda")
        if stack_rights.denial(principal, "sns:Publish", target, {}):
            raise ValueError("The provided execution role does not have permissions to call Publish on SNS")


def _complete(name: str, props: Props) -> None:
    function = lambda_svc._functions[name]
    if not function.get("code_zip"):
        raise ValueError("Error occurred while GetObject. S3 Error Code: NoSuchKey.")
    if props.get("DeadLetterConfig"):
        function["config"]["DeadLetterConfig"] = props["DeadLetterConfig"]


def _complete_functions(handler: dict[str, Any]) -> None:
    create, update = handler["create"], handler["update"]

    def created(logical_id: str, props: Props, stack_name: str) -> Any:
        _check(props)
        result = create(logical_id, props, stack_name)
        _complete(result[0], props)
        return result

    def updated(physical_id: str, old: Props, new: Props, stack_name: str, logical_id: str | None = None) -> Any:
        _check(new)
        result = update(physical_id, old, new, stack_name, logical_id)
        _complete(result[0], new)
        return result

    handler.update(create=created, update=updated)


def _log_to_existing_groups() -> None:
    """A function that ends after its log group was deleted does not create it again: that needs `logs:CreateLogGroup`,
    which no role of a function here has."""
    emit = lambda_svc._emit_lambda_logs

    def emitted(function: dict[str, Any], *args: Any, **options: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if group is None or group in cloudwatch_logs._log_groups:
            emit(function, *args, **options)

    lambda_svc._emit_lambda_logs = emitted


def install(mail: Path | None) -> None:
    lambda_svc._ACCOUNT_CONCURRENCY_CAP = CONCURRENT
    _log_to_existing_groups()
    _complete_functions(provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"])
    if mail is not None:
        os.environ["NODE_OPTIONS"] = f"--import={CATCHER.as_uri()}"
