"""Temporary credentials of a machine's role, as IMDS returns them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import iam, sts

from .instances import Record
from .strict.principals import trusts

# EC2 provides new credentials at least five minutes before the old ones expire.
RENEW_BEFORE = 300


def of(record: Record, lifetime: float) -> dict[str, str] | None:
    """Credentials of the instance's role; cached until they have to be renewed. None without a usable role."""
    role = _role(record)
    if role is None:
        return None
    held = record.get("_credentials")
    if not held or held["role"] != role["RoleName"] or time.time() > held["_renew"]:
        held = record["_credentials"] = _issue(role, record["InstanceId"], lifetime)
    return {key: value for key, value in held.items() if not key.startswith("_")}


def _role(record: Record) -> dict[str, Any] | None:
    reference = record.get("IamInstanceProfile")
    profile = iam._lookup_instance_profile(arn=reference["Arn"]) if reference else None
    for held in (profile or {}).get("Roles") or []:
        role = iam._roles.get(held["RoleName"] if isinstance(held, dict) else held)
        if role and trusts(role, "ec2.amazonaws.com"):
            return role
    return None


def _issue(role: dict[str, Any], session: str, lifetime: float) -> dict[str, Any]:
    key, secret, token = iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token()
    expires = time.time() + lifetime
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{get_account_id()}:assumed-role/{role['RoleName']}/{session}",
            "UserId": f"{role['RoleId']}:{session}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expires,
            "AccountId": get_account_id(),
            "PrincipalType": "AssumedRole",
        },
    )
    return {
        "role": role["RoleName"],
        "accessKeyId": key,
        "secretAccessKey": secret,
        "sessionToken": token,
        "expiration": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "_renew": expires - min(RENEW_BEFORE, lifetime / 10),
    }
