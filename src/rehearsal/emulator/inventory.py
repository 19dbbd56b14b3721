"""Resources of EC2, load balancing, certificates, secrets and parameters in the Resource Groups Tagging API.

Adds to `ministack.services.tagging`: `_COLLECTORS`, `_RESOURCE_TAG_COLLECTORS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ministack.services import acm, alb, ec2, tagging

from . import instances
from .strict import resource_arns

Tagged = tuple[str, list[dict[str, str]]]


def _ec2() -> Iterator[Tagged]:
    for resource_id, tags in ec2._tags.items():
        record = ec2._instances.get(resource_id)
        if tags and not (record and instances.state(record) == "terminated"):
            yield resource_arns.ec2_arn(ec2._guess_resource_type(resource_id), resource_id), tags


def _load_balancing() -> Iterator[Tagged]:
    yield from ((arn, tags) for arn, tags in alb._tags.items() if tags)


def _certificates() -> Iterator[Tagged]:
    for arn, certificate in acm._certificates.items():
        yield arn, tagging._normalise_list(certificate.get("Tags"))


def install() -> None:
    collectors: dict[str, Any] = {
        "ec2": _ec2,
        "elasticloadbalancing": _load_balancing,
        "acm": _certificates,
        "secretsmanager": tagging._collect_secretsmanager,
        "ssm": tagging._collect_ssm,
    }
    tagging._COLLECTORS.update(collectors)
    # Tags for `aws:ResourceTag` conditions of policies.
    tagging._RESOURCE_TAG_COLLECTORS.update(collectors)
