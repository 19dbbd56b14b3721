"""Rights that a launch requires: of the caller of RunInstances, and of the creator of a group with a launch template.

Auto Scaling guide, "Launch template support": ec2:RunInstances, ec2:CreateTags if the template tags, and iam:PassRole if it has
an instance profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ministack.services import ec2, iam

from . import handlers, resource_arns

Props = dict[str, Any]
Asked = tuple[str, str, dict[str, Any]]

EC2 = "ec2.amazonaws.com"
# Created with each machine.
MADE = ("instance", "network-interface", "volume")


def _templates(props: Props) -> Iterator[tuple[str, Props]]:
    """The launch templates that a group names, with their id."""
    named = {
        str(reference.get("LaunchTemplateId") or reference.get("LaunchTemplateName"))
        for reference in handlers.values(props, ("LaunchTemplate", "LaunchTemplateSpecification"))
        if isinstance(reference, dict)
    }
    for template in ec2._launch_templates.values():
        if {template["LaunchTemplateId"], template["LaunchTemplateName"]} & named:
            yield template["LaunchTemplateId"], template["Versions"][-1]["LaunchTemplateData"]


def asked(props: Props) -> Iterator[Asked]:
    """RunInstances, for the launch templates of a group."""
    subnets = [subnet for value in handlers.values(props, ("VPCZoneIdentifier",)) for subnet in value]
    for template_id, data in _templates(props):
        yield from launched(template_id, data, subnets)


def launched(template_id: str | None, data: Props, subnets: list[str]) -> Iterator[Asked]:
    """RunInstances, on all resources that a launch uses and creates. `data`: the settings of the launch, as in a launch
    template."""
    taken = resource_arns.ec2("", data, template_id or "")
    arns = [arn for kind in ("image", "launch-template", "security-group") for arn in taken.get(kind, ())]
    arns += [resource_arns.ec2_arn("subnet", subnet) for subnet in subnets]
    arns += [resource_arns.ec2_arn(kind, "*") for kind in MADE]
    if data.get("KeyName"):
        arns.append(resource_arns.ec2_arn("key-pair", data["KeyName"]))
    keys = {"ec2:launchtemplate": resource_arns.ec2_arn("launch-template", template_id)} if template_id else {}
    for arn in arns:
        yield "ec2:RunInstances", arn, keys


def tagged(props: Props) -> Iterator[Asked]:
    """CreateTags, on the resources that are created with tags."""
    for _, data in _templates(props):
        for specification in data.get("TagSpecifications") or []:
            yield "ec2:CreateTags", resource_arns.ec2_arn(specification["ResourceType"], "*"), {"ec2:createaction": "RunInstances"}


def passed(props: Props) -> Iterator[Asked]:
    """PassRole, for the role of the machines."""
    for _, data in _templates(props):
        yield from role_of(data)


def role_of(data: Props) -> Iterator[Asked]:
    """PassRole, for the role of a launch's instance profile."""
    profile = data.get("IamInstanceProfile") or {}
    found = iam._lookup_instance_profile(name=profile.get("Name", ""), arn=profile.get("Arn", "")) if profile else None
    for held in (found or {}).get("Roles") or []:
        name = held["RoleName"] if isinstance(held, dict) else held
        for arn in resource_arns.roles([name]):
            yield "iam:PassRole", arn, {"iam:passedtoservice": EC2}
