"""The EC2 actions that start, end and describe instances.

Replaces in `ministack.services.ec2`: `_launch_instances_internal`, `_instance_xml`, `_matches_filters`,
`_cleanup_terminated`, `_describe_network_interfaces`, and the actions Terminate-, Stop-, Start-, RebootInstances
and DescribeInstanceStatus. Adds GetConsoleOutput.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import ec2

from . import instances
from .instances import Record, enter, state

Params = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

_xml = ec2._instance_xml
_matches = ec2._matches_filters


def launch(*args: Any, **kwargs: Any) -> list[Record]:
    """RunInstances: MiniStack's records, but pending and with addresses in their subnet."""
    asked = kwargs.get("requested_private_ip") or (args[7] if len(args) > 7 else None)
    born = instances.make_record(*args, **kwargs)
    for record in born:
        instances.be_born(record, asked_address=asked or None)
    return born


def _change(root: str, ids: list[str], change: Callable[[Record], None]) -> Answer:
    for instance_id in ids:
        if instance_id not in ec2._instances:
            return ec2._error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist", 400)
    items = ""
    for instance_id in ids:
        record = ec2._instances[instance_id]
        before = record["State"]
        change(record)
        items += f"<item><instanceId>{instance_id}</instanceId>"
        for name, value in (("currentState", record["State"]), ("previousState", before)):
            items += f"<{name}><code>{value['Code']}</code><name>{value['Name']}</name></{name}>"
        items += "</item>"
    return ec2._xml(200, root, f"<instancesSet>{items}</instancesSet>")


def _ids(params: Params) -> list[str]:
    return ec2._parse_member_list(params, "InstanceId")


def terminate_instances(params: Params) -> Answer:
    skip = ec2._p(params, "SkipOsShutdown").lower() == "true"
    return _change(
        "TerminateInstancesResponse", _ids(params), lambda record: instances.terminate(record, skip_os_shutdown=skip)
    )


def stop_instances(params: Params) -> Answer:
    def stop(record: Record) -> None:
        if state(record) in ("pending", "running"):
            enter(record, "stopping", "Client.UserInitiatedShutdown: User initiated shutdown")

    return _change("StopInstancesResponse", _ids(params), stop)


def start_instances(params: Params) -> Answer:
    for instance_id in _ids(params):
        record = ec2._instances.get(instance_id)
        if record and state(record) not in ("stopped", "running", "pending"):
            message = f"The instance '{instance_id}' is not in a state from which it can be started."
            return ec2._error("IncorrectInstanceState", message, 400)

    def start(record: Record) -> None:
        if state(record) == "stopped":
            instances.start(record)

    return _change("StartInstancesResponse", _ids(params), start)


def reboot_instances(params: Params) -> Answer:
    for instance_id in _ids(params):
        record = ec2._instances.get(instance_id)
        if not record:
            return ec2._error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist", 400)
        instances.reboot(record)
    return ec2._xml(200, "RebootInstancesResponse", "<return>true</return>")


def describe_instance_status(params: Params) -> Answer:
    ids, filters = _ids(params), ec2._parse_filters(params)
    everyone = ec2._p(params, "IncludeAllInstances").lower() == "true"
    items = ""
    for instance_id, record in ec2._instances.items():
        if (ids and instance_id not in ids) or not matches(record, filters):
            continue
        if not everyone and state(record) != "running":
            continue
        checks, reachable = ("impaired", "failed") if record.get("_impaired") else ("ok", "passed")
        detail = f"<details><item><name>reachability</name><status>{reachable}</status></item></details>"
        items += (
            f"<item><instanceId>{instance_id}</instanceId>"
            f"<availabilityZone>{record['Placement']['AvailabilityZone']}</availabilityZone>"
            f"<instanceState><code>{record['State']['Code']}</code><name>{state(record)}</name></instanceState>"
            f"<systemStatus><status>ok</status></systemStatus>"
            f"<instanceStatus><status>{checks}</status>{detail}</instanceStatus></item>"
        )
    return ec2._xml(200, "DescribeInstanceStatusResponse", f"<instanceStatusSet>{items}</instanceStatusSet>")


# EC2 keeps this much of a console.
CONSOLE_BYTES = 64 * 1024

# Families without the Nitro hypervisor, whose console has no latest output.
XEN = re.compile(r"(t[12]|m[1-4]|c[134]|r[34]|i[23]|x1e?|d2|g[23]s?|p[23]|h1|f1|hs1|cr1|cc2)\.(?!metal)")


def console_output(folder: Path | None) -> Callable[[Params], Answer]:
    def get(params: Params) -> Answer:
        instance_id = ec2._p(params, "InstanceId")
        record = ec2._instances.get(instance_id)
        if not record:
            return ec2._error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist", 400)
        if ec2._p(params, "Latest") == "true" and XEN.match(record["InstanceType"]):
            message = "This instance type does not support retrieving the latest console logs"
            return ec2._error("UnsupportedOperation", message, 400)
        file = folder and folder / f"{instance_id}.log"
        written = file.read_bytes() if file and file.exists() else b""
        output = base64.b64encode(written[-CONSOLE_BYTES:]).decode()
        return ec2._xml(
            200, "GetConsoleOutputResponse", f"<instanceId>{instance_id}</instanceId><output>{output}</output>"
        )

    return get


def instance_xml(record: Record) -> str:
    """MiniStack's description without empty elements, plus termination reason, IMDS settings and market."""
    text = _xml(record)
    for name in ("ipAddress", "dnsName", "privateIpAddress", "privateDnsName", "keyName"):
        text = text.replace(f"<{name}></{name}>", "")
    tokens = "required" if record.get("_tokens_required") else "optional"
    options = f"<state>applied</state><httpTokens>{tokens}</httpTokens><httpEndpoint>enabled</httpEndpoint>"
    extra = f"<metadataOptions>{options}</metadataOptions>"
    if record.get("_reason") and state(record) not in ("pending", "running"):
        code = record["_reason"].split(":")[0]
        extra += f"<stateReason><code>{code}</code><message>{escape(record['_reason'])}</message></stateReason>"
        when = time.strftime("%Y-%m-%d %H:%M:%S GMT", time.gmtime(record["_since"]))
        extra += f"<reason>User initiated ({when})</reason>" if "User" in code else f"<reason>{escape(code)}</reason>"
    if record.get("_token"):
        extra += f"<clientToken>{escape(record['_token'])}</clientToken>"
    if record.get("_market") == "spot":
        extra += "<instanceLifecycle>spot</instanceLifecycle>"
    return text.removesuffix("</item>") + extra + "</item>"


def matches(record: Record, filters: dict[str, list[str]]) -> bool:
    """MiniStack's filters by tag, state, type and image, plus filters by location."""
    places = {
        "instance-id": record["InstanceId"],
        "vpc-id": record["VpcId"],
        "subnet-id": record["SubnetId"],
        "availability-zone": record["Placement"]["AvailabilityZone"],
        "private-ip-address": record["PrivateIpAddress"],
        "ip-address": record["PublicIpAddress"],
        "client-token": record.get("_token", ""),
        "instance-state-code": str(record["State"]["Code"]),
    }
    for name, values in filters.items():
        if name in places and not any(ec2._glob_match(value, places[name]) for value in values):
            return False
    return _matches(record, filters)


def describe_network_interfaces(params: Params) -> Answer:
    """MiniStack ignores filters here, so a search by tag would return unrelated resources."""
    ids, filters = ec2._parse_member_list(params, "NetworkInterfaceId"), ec2._parse_filters(params)
    items = "".join(
        ec2._eni_fields_xml(interface)
        for interface in ec2._network_interfaces.values()
        if (not ids or interface["NetworkInterfaceId"] in ids)
        and ec2._resource_matches_tag_filters(interface["NetworkInterfaceId"], filters)
        and all(interface.get("VpcId") in values for name, values in filters.items() if name == "vpc-id")
    )
    return ec2._xml(200, "DescribeNetworkInterfacesResponse", f"<networkInterfaceSet>{items}</networkInterfaceSet>")


def install(consoles: Path | None) -> None:
    ec2._launch_instances_internal = launch
    ec2._instance_xml = instance_xml
    ec2._matches_filters = matches
    ec2._cleanup_terminated = lambda: None
    ec2._ACTION_MAP.update(
        TerminateInstances=terminate_instances,
        StopInstances=stop_instances,
        StartInstances=start_instances,
        RebootInstances=reboot_instances,
        DescribeInstanceStatus=describe_instance_status,
        GetConsoleOutput=console_output(consoles),
        DescribeNetworkInterfaces=describe_network_interfaces,
    )
