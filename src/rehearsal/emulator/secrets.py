"""Secrets that CloudFormation creates: referenced by their ARN, and generated as configured in the template.

Changes in `ministack.services.cloudformation.provisioners`: the handler of secrets, `_sm_secret_string`.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

Props = dict[str, Any]
Provisioned = tuple[str, dict[str, Any]]


def _by_arn(handler: dict[str, Any]) -> None:
    """A secret's `Ref` is its ARN, which policies and machines use; MiniStack returns its name."""
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def named(arn: str) -> str:
        return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)

    def with_arn(result: Provisioned) -> Provisioned:
        return result[1].get("Arn") or secretsmanager._secrets[result[0]]["ARN"], result[1]

    handler["create"] = lambda *args: with_arn(create(*args))
    handler["update"] = lambda physical_id, *args: with_arn(update(named(physical_id), *args))
    handler["delete"] = lambda physical_id, props: delete(named(physical_id), props)


def _secret_string(props: Props) -> str:
    """The value of a secret, generated from the template's settings, of which MiniStack uses only the length."""
    wanted = props.get("GenerateSecretString")
    if not wanted or props.get("SecretString"):
        return props.get("SecretString", "")
    # CloudFormation passes numbers and booleans as strings, too.
    asked = {key: {"true": True, "false": False}.get(str(value).lower(), value) for key, value in wanted.items()}
    status, _, body = secretsmanager._get_random_password(
        {**asked, "PasswordLength": int(asked.get("PasswordLength", 32))}
    )
    answer = json.loads(body)
    if status >= 400:
        raise ValueError(answer.get("message", "the secret could not be generated"))
    if "SecretStringTemplate" not in wanted:
        return answer["RandomPassword"]
    return json.dumps(
        {**json.loads(wanted["SecretStringTemplate"]), wanted["GenerateStringKey"]: answer["RandomPassword"]}
    )


def install() -> None:
    _by_arn(provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"])
    provisioners._sm_secret_string = _secret_string
