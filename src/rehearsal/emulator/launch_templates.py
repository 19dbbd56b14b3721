"""The settings of a launch template for its machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ministack.services import ec2, iam

from . import instances
from .instances import Record


@dataclass(frozen=True)
class Machine:
    """One launch: the template's data, resolved."""

    image: str
    type: str
    user_data: str
    security_groups: list[str]
    profile: dict[str, str] | None
    public_address: bool | None
    """None: the subnet's setting applies."""
    tokens_required: bool
    on_shutdown: str
    spot: bool
    key: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    volume_tags: dict[str, str] = field(default_factory=dict)


def find(name: str) -> dict[str, Any] | None:
    """A launch template by id or name."""
    return next((t for t in ec2._launch_templates.values() if name in (t["LaunchTemplateId"], t["LaunchTemplateName"])), None)


def version(template: dict[str, Any], wanted: str) -> dict[str, Any] | None:
    """A version of a launch template, by number, `$Latest` or `$Default`."""
    numbers = {"$Latest": template["LatestVersionNumber"], "$Default": template["DefaultVersionNumber"]}
    number = str(numbers.get(wanted, wanted))
    return next((v for v in template["Versions"] if str(v["VersionNumber"]) == number), None)


def resolve(reference: dict[str, Any]) -> Machine:
    """Resolves a group's `LaunchTemplate`. Raises ValueError with Auto Scaling's message if it does not exist."""
    template = find(reference.get("LaunchTemplateId") or reference.get("LaunchTemplateName") or "")
    if template is None:
        raise ValueError("You must use a valid fully-formed launch template. The launch template does not exist.")
    wanted = str(reference.get("Version") or "$Default")
    found = version(template, wanted)
    if found is None:
        raise ValueError(f"You must use a valid fully-formed launch template. Version {wanted} does not exist.")
    return machine(found["LaunchTemplateData"], tags_of(found))


def tags_of(found: dict[str, Any]) -> dict[str, str]:
    """EC2's own tags of an instance that was launched from a version of a launch template."""
    return {
        "aws:ec2launchtemplate:id": found["LaunchTemplateId"],
        "aws:ec2launchtemplate:version": str(found["VersionNumber"]),
    }


def machine(data: dict[str, Any], tags: dict[str, str]) -> Machine:
    """A launch with settings as in a launch template, and with EC2's own tags. Raises ValueError for an unknown profile."""
    interface = (data.get("NetworkInterfaces") or [{}])[0]
    public = interface.get("AssociatePublicIpAddress")
    specifications = {s["ResourceType"]: _tags(s["Tags"]) for s in data.get("TagSpecifications") or []}
    return Machine(
        image=data.get("ImageId", ""),
        type=data.get("InstanceType", "m1.small"),
        user_data=data.get("UserData", ""),
        security_groups=data.get("SecurityGroupIds") or interface.get("Groups") or [],
        profile=_profile(data.get("IamInstanceProfile") or {}),
        public_address=None if public is None else str(public).lower() == "true",
        tokens_required=(data.get("MetadataOptions") or {}).get("HttpTokens") == "required",
        on_shutdown=data.get("InstanceInitiatedShutdownBehavior", "stop"),
        spot=(data.get("InstanceMarketOptions") or {}).get("MarketType") == "spot",
        key=data.get("KeyName", ""),
        tags={**specifications.get("instance", {}), **tags},
        volume_tags=specifications.get("volume", {}),
    )


def _tags(pairs: list[dict[str, str]]) -> dict[str, str]:
    return {pair["Key"]: str(pair.get("Value", "")) for pair in pairs}


def _profile(reference: dict[str, str]) -> dict[str, str] | None:
    if not reference:
        return None
    found = iam._lookup_instance_profile(name=reference.get("Name", ""), arn=reference.get("Arn", ""))
    if not found:
        name = reference.get("Name") or reference.get("Arn")
        raise ValueError(f"Invalid IAM Instance Profile: {name}")
    return {"Arn": found["Arn"], "Id": found["InstanceProfileId"]}


def launch(machine: Machine, subnet: str, tags: dict[str, str], volume_tags: dict[str, str] | None = None) -> Record:
    """Launches a machine into a subnet. Tags are added to the template's and take precedence."""
    record = instances.make_record(
        machine.image,
        machine.type,
        subnet,
        1,
        machine.key,
        machine.user_data,
        machine.security_groups,
        None,
        machine.profile,
    )[0]
    record["_tokens_required"] = machine.tokens_required
    record["_on_shutdown"] = machine.on_shutdown
    record["_market"] = "spot" if machine.spot else "on-demand"
    # Tags are set first, so that receivers of the event can already find the instance by tag.
    ec2._tags[record["InstanceId"]] = _pairs({**machine.tags, **tags})
    disk_tags = {**machine.volume_tags, **(volume_tags or {})}
    if disk_tags:
        for device in record["BlockDeviceMappings"]:
            ec2._tags[device["Ebs"]["VolumeId"]] = _pairs(disk_tags)
    instances.be_born(record, machine.public_address)
    return record


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
