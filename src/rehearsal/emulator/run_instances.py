"""RunInstances: launches machines of a launch template, whose settings a request can replace, or of a request alone.

Replaces in `ministack.services.ec2`: the action RunInstances.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, new_uuid
from ministack.services import ec2

from . import capacity, images, instances, launch_templates
from .strict import call_rights

Params = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Data = dict[str, Any]

# Settings of a request that are simulated; all others are refused, so that nothing is ignored.
SIMPLE = ("ImageId", "InstanceType", "KeyName", "UserData", "InstanceInitiatedShutdownBehavior")
TAGGED = ("instance", "volume", "network-interface", "spot-instances-request")
KNOWN = (
    *SIMPLE,
    *("Action", "Version", "ClientToken", "DryRun", "MinCount", "MaxCount", "LaunchTemplate", "SubnetId", "SecurityGroupId"),
    *("TagSpecification", "IamInstanceProfile", "MetadataOptions", "InstanceMarketOptions"),
)
INCONSISTENT = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."

# Requests by client token: their parameters, and the answer's reservation and instances.
_requests = AccountRegionScopedDict()
_p = ec2._p


class Refused(Exception):
    """A code and a message of EC2."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def run(params: Params) -> Answer:
    try:
        return _run(params)
    except Refused as refused:
        return ec2._error(refused.code, escape(refused.message), refused.status)


def _run(params: Params) -> Answer:
    template_id, data = _settings(params)
    requested = call_rights.requested_tags(params)
    tags = _merged(data, requested)
    interface = (data.get("NetworkInterfaces") or [{}])[0]
    subnet = _p(params, "SubnetId") or interface.get("SubnetId") or ec2._DEFAULT_SUBNET_ID
    denied = call_rights.unauthorized(call_rights.of_launch(template_id, data, [subnet], tags))
    if denied:
        return denied
    if _p(params, "DryRun") == "true":
        raise Refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    token, said = _p(params, "ClientToken"), {key: value for key, value in params.items() if key not in ("Action", "Version")}
    earlier = _requests.get(token) if token else None
    if earlier:
        return _again(earlier, said)
    count = _checked(params, data, requested, subnet)
    try:
        machine = launch_templates.machine(data, _template_tags(template_id, params))
    except ValueError as error:
        raise Refused("InvalidParameterValue", str(error)) from error
    _refuse_unless_possible(machine, subnet)
    own = {kind: {pair["Key"]: pair["Value"] for pair in pairs} for kind, pairs in requested.items()}
    born = [launch_templates.launch(machine, subnet, own.get("instance", {}), own.get("volume", {})) for _ in range(count)]
    for record in born:
        record["_token"] = token
    reservation = f"r-{new_uuid().replace('-', '')[:17]}"
    if token:
        _requests[token] = {"said": said, "reservation": reservation, "ids": [record["InstanceId"] for record in born]}
    return _answer(reservation, born)


def _settings(params: Params) -> tuple[str | None, Data]:
    """The settings of the launch template, replaced by those of the request, and the template's id."""
    unknown = sorted({key.partition(".")[0] for key in params} - set(KNOWN))
    if unknown:
        raise Refused("UnsupportedOperation", f"The rehearsal does not simulate RunInstances with {', '.join(unknown)}.")
    template_id, data = None, dict[str, Any]()
    named = {key: _p(params, f"LaunchTemplate.{key}") for key in ("LaunchTemplateId", "LaunchTemplateName", "Version")}
    if named["LaunchTemplateId"] or named["LaunchTemplateName"]:
        template_id, data = _template({key: value for key, value in named.items() if value})
    data = {**data, **{key: _p(params, key) for key in SIMPLE if _p(params, key)}}
    if groups := ec2._parse_member_list(params, "SecurityGroupId"):
        data["SecurityGroupIds"] = groups
    for key, names in (
        ("IamInstanceProfile", ("Name", "Arn")),
        ("MetadataOptions", ("HttpTokens",)),
        ("InstanceMarketOptions", ("MarketType",)),
    ):
        given = {name: _p(params, f"{key}.{name}") for name in names if _p(params, f"{key}.{name}")}
        if given:
            data[key] = given
    return template_id, data


def _template(reference: dict[str, str]) -> tuple[str, Data]:
    """EC2 API, error codes: launch templates that do not exist are refused by id, by name and by version."""
    wanted = reference.get("LaunchTemplateId") or reference.get("LaunchTemplateName", "")
    template = launch_templates.find(wanted)
    if template is None and "LaunchTemplateId" in reference:
        message = f"The specified launch template, with template ID {wanted}, does not exist."
        raise Refused("InvalidLaunchTemplateId.NotFound", message)
    if template is None:
        message = f"The specified launch template, with template name {wanted}, does not exist."
        raise Refused("InvalidLaunchTemplateName.NotFoundException", message)
    version = launch_templates.version(template, reference.get("Version", "$Default"))
    if version is None:
        message = f"Could not find the specified version {reference['Version']} for the launch template with ID {wanted}."
        raise Refused("InvalidLaunchTemplateId.VersionNotFound", message)
    return template["LaunchTemplateId"], version["LaunchTemplateData"]


def _template_tags(template_id: str | None, params: Params) -> dict[str, str]:
    template = launch_templates.find(template_id) if template_id else None
    version = template and launch_templates.version(template, _p(params, "LaunchTemplate.Version") or "$Default")
    return launch_templates.tags_of(version) if version else {}


def _merged(data: Data, requested: call_rights.Tags) -> call_rights.Tags:
    """The tags of the launch template and of the request, which take precedence."""
    merged = {kind: {pair["Key"]: pair for pair in pairs} for kind, pairs in call_rights.tags_of(data).items()}
    for kind, pairs in requested.items():
        merged.setdefault(kind, {}).update({pair["Key"]: pair for pair in pairs})
    return {kind: list(pairs.values()) for kind, pairs in merged.items()}


def _again(earlier: dict[str, Any], said: Params) -> Answer:
    """EC2 API, "Ensuring idempotency": the same answer for the same request, an error for another one."""
    if earlier["said"] != said:
        raise Refused("IdempotentParameterMismatch", INCONSISTENT)
    born = [ec2._instances[instance_id] for instance_id in earlier["ids"] if instance_id in ec2._instances]
    if not born or all(instances.state(record) in instances.GONE for record in born):
        raise Refused("IdempotentInstanceTerminated", "The instances of this client token have been terminated.")
    return _answer(earlier["reservation"], born)


def _checked(params: Params, data: Data, requested: call_rights.Tags, subnet: str) -> int:
    """The number of instances, if the parameters are valid."""
    for name in ("MinCount", "MaxCount"):
        if not _p(params, name):
            raise Refused("MissingParameter", f"The request must contain the parameter {name}")
    if not data.get("ImageId"):
        raise Refused("MissingParameter", "The request must contain the parameter ImageId")
    wrong = next((kind for kind in requested if kind not in TAGGED), None)
    if wrong:
        raise Refused("InvalidParameterValue", f"'{wrong}' is not a valid taggable resource type for this operation.")
    least, most = int(_p(params, "MinCount")), int(_p(params, "MaxCount"))
    if least < 1 or least > most:
        raise Refused("InvalidParameterValue", f"Value ({least}) for parameter minCount is invalid.")
    if data.get("NetworkInterfaces"):
        for name, what in (("SubnetId", "subnet ID"), ("SecurityGroupId.1", "security groups")):
            if _p(params, name):
                message = f"Network interfaces and an instance-level {what} may not be specified on the same request"
                raise Refused("InvalidParameterCombination", message)
    if subnet not in ec2._subnets:
        raise Refused("InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist")
    return most


def _refuse_unless_possible(machine: launch_templates.Machine, subnet: str) -> None:
    network, zone = ec2._subnets[subnet]["VpcId"], ec2._subnets[subnet].get("AvailabilityZone", f"{get_region()}a")
    for group_id in machine.security_groups:
        group = ec2._security_groups.get(group_id)
        if group is None:
            raise Refused("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if group["VpcId"] != network:
            raise Refused("InvalidParameter", f"Security group {group_id} and subnet {subnet} belong to different networks.")
    refusal = images.refusal(machine.image, machine.type) or capacity.refusal(machine, zone)
    if refusal:
        raise Refused(*refusal)


def _answer(reservation: str, records: list[instances.Record]) -> Answer:
    return ec2._xml(
        200,
        "RunInstancesResponse",
        f"<instancesSet>{''.join(map(ec2._instance_xml, records))}</instancesSet><reservationId>{reservation}</reservationId>"
        f"<ownerId>{get_account_id()}</ownerId><groupSet/>",
    )


def install() -> None:
    ec2._ACTION_MAP["RunInstances"] = run
