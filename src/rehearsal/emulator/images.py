"""Machine images: made of an instance, with a snapshot of its disk.

    pending → available, or failed

Adds to `ministack.services.ec2` the action CreateImage. Replaces there: `_docker_touched`, `_image_matches_filters`, and the
actions DeregisterImage, DescribeImages and DeleteSnapshot.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id
from ministack.services import ec2

from . import instances
from .strict import call_rights

Params = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Image = dict[str, Any]

ROOT_DEVICE = "/dev/xvda"
MALFORMED = (
    "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'"
)
OTHER_ARCHITECTURE = (
    "The architecture '{}' of the specified instance type does not match the architecture '{}' of the specified AMI. "
    "Specify an instance type and an AMI that have matching architectures, and try again. You can use "
    "'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI."
)
# Public images are as old as this process.
STARTED = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
ITEM = re.compile(r"<imageId>([^<]+)</imageId>(.*?)<imageState>available</imageState>", re.DOTALL)

_p = ec2._p
_describe, _delete_snapshot, _matches = ec2._describe_images, ec2._delete_snapshot, ec2._image_matches_filters


def described() -> Iterator[dict[str, Any]]:
    """The images of the current account and region that were made of an instance, unless that has failed. `live`: the
    instance keeps running meanwhile."""
    for image_id, image in ec2._images.items():
        if "_instance" in image and image["_state"] != "failed":
            yield {"id": image_id, "instance": image["_instance"], "live": image["_live"]}


def settle(found: dict[str, dict[str, str]]) -> None:
    """Applies the actual state of images."""
    for image_id, image in ec2._images.items():
        actual = found.get(image_id)
        if actual and image.get("_state") == "pending" and actual["state"] != "pending":
            image.update(_state=actual["state"], _reason=actual["reason"])
            for snapshot in _snapshots(image):
                snapshot["State"] = "completed" if actual["state"] == "available" else "error"
    for record in ec2._instances.values():
        if "_imaging" in record and (ec2._images.get(record["_imaging"]) or {}).get("_state") != "pending":
            # It starts again.
            del record["_imaging"]
            record["_restart"] = time.time()


def refusal(image_id: str, instance_type: str) -> tuple[str, str] | None:
    """Why no instance of a type can be launched from an image: EC2's code and message."""
    image = ec2._images.get(image_id)
    views = [ec2._image_view(image)] if image else [ec2._stub_image_view(*stub) for stub in ec2._STUB_AMIS if stub[0] == image_id]
    if not views:
        return "InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist"
    if image and image.get("_state", "available") != "available":
        return "InvalidAMIID.Unavailable", f"AMI '{image_id}' is {image['_state']}, and cannot be run"
    wanted, offered = views[0]["Architecture"], instances.architecture(instance_type)
    return None if wanted == offered else ("InvalidParameterValue", OTHER_ARCHITECTURE.format(offered, wanted))


def create(params: Params) -> Answer:
    name, instance_id = _p(params, "Name"), _p(params, "InstanceId")
    tags = call_rights.requested_tags(params)
    denied = call_rights.unauthorized(call_rights.of_image(instance_id, tags))
    if denied:
        return denied
    for parameter, value in (("InstanceId", instance_id), ("Name", name)):
        if not value:
            return ec2._error("MissingParameter", f"The request must contain the parameter {parameter}", 400)
    record = ec2._instances.get(instance_id)
    wrong = next((kind for kind in tags if kind not in ("image", "snapshot")), None)
    if wrong:
        return ec2._error("InvalidParameterValue", f"'{wrong}' is not a valid taggable resource type for this operation.", 400)
    if record is None:
        return ec2._error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist", 400)
    if instances.state(record) not in ("running", "stopped"):
        return ec2._error("IncorrectState", "Instance is not in state 'running' or 'stopped'", 400)
    if not ec2._AMI_NAME_RE.match(name):
        return ec2._error("InvalidAMIName.Malformed", escape(MALFORMED), 400)
    taken = next((image_id for image_id, image in ec2._images.items() if image["Name"] == name), None)
    if taken:
        return ec2._error("InvalidAMIName.Duplicate", f"AMI name {escape(name)} is already in use by AMI {taken}", 400)
    live = _p(params, "NoReboot") == "true" or instances.state(record) == "stopped"
    image_id = _make(record, name, _p(params, "Description"), live)
    ec2._parse_tag_specs(params, "image", image_id)
    for snapshot in _snapshots(ec2._images[image_id]):
        ec2._parse_tag_specs(params, "snapshot", snapshot["SnapshotId"])
    return ec2._xml(200, "CreateImageResponse", f"<imageId>{image_id}</imageId>")


def _make(record: instances.Record, name: str, description: str, live: bool) -> str:
    """Records the image and its snapshot. Unless `live`, the instance is down until both are complete."""
    image_id, snapshot_id = ec2._new_image_id().lower(), ec2._new_snapshot_id().lower()
    volume = next((ec2._volumes.get(device["Ebs"]["VolumeId"]) for device in record["BlockDeviceMappings"]), None) or {}
    size = volume.get("Size", 8)
    ec2._snapshots[snapshot_id] = {
        "SnapshotId": snapshot_id,
        "VolumeId": volume.get("VolumeId", ""),
        "VolumeSize": size,
        "Description": f"Created by CreateImage({record['InstanceId']}) for {image_id}",
        "State": "pending",
        "StartTime": ec2._now_ts(),
        "Progress": "100%",
        "OwnerId": get_account_id(),
        "Encrypted": volume.get("Encrypted", False),
        "StorageTier": "standard",
    }
    disk = {"SnapshotId": snapshot_id, "VolumeSize": size, "VolumeType": volume.get("VolumeType", "gp3")}
    ec2._images[image_id] = {
        "ImageId": image_id,
        "Name": name,
        "ImageLocation": "",
        "Description": description,
        "Architecture": record["Architecture"],
        "RootDeviceType": "ebs",
        "RootDeviceName": ROOT_DEVICE,
        "BlockDeviceMappings": [{"DeviceName": ROOT_DEVICE, "Ebs": disk}],
        "VirtualizationType": "hvm",
        "CreationDate": ec2._now_ts(),
        "OwnerId": get_account_id(),
        "_instance": record["InstanceId"],
        "_live": live,
        "_state": "pending",
    }
    if not live:
        record["_imaging"] = image_id
    return image_id


def describe(params: Params) -> Answer:
    """EC2 API, DescribeImages: a deregistered image is left out while instances of it exist; then its id is an error."""
    for image_id in ec2._parse_member_list(params, "ImageId"):
        known = image_id in ec2._images or any(stub[0] == image_id for stub in ec2._STUB_AMIS)
        if not known and not any(
            record["ImageId"] == image_id and instances.state(record) != "terminated" for record in ec2._instances.values()
        ):
            return ec2._error("InvalidAMIID.NotFound", f"The image id '[{escape(image_id)}]' does not exist", 400)
    status, headers, body = _describe(params)
    return status, headers, ITEM.sub(_complete, body.decode()).encode()


def _complete(item: re.Match[str]) -> str:
    """MiniStack's description of an image, with its state and time."""
    image = ec2._images.get(item[1]) or {}
    extra = f"<creationDate>{image.get('CreationDate', STARTED)}</creationDate>"
    if image.get("_instance"):
        extra += f"<sourceInstanceId>{image['_instance']}</sourceInstanceId>"
    if image.get("_reason"):
        extra += f"<stateReason><code>Client.InternalError</code><message>{escape(image['_reason'])}</message></stateReason>"
    state = image.get("_state", "available")
    return f"<imageId>{item[1]}</imageId>{item[2]}<imageState>{state}</imageState>{extra}"


def matches(view: dict[str, Any], filters: dict[str, list[str]]) -> bool:
    """MiniStack's filters, and three that it ignores."""
    image = ec2._images.get(view["ImageId"]) or {}
    actual = {
        "state": image.get("_state", "available"),
        "creation-date": image.get("CreationDate", STARTED),
        "source-instance-id": image.get("_instance", ""),
    }
    for name, values in filters.items():
        if name in actual and not any(ec2._glob_match(value, actual[name]) for value in values):
            return False
    return _matches(view, filters)


def deregister(params: Params) -> Answer:
    """Its snapshot stays, and so do its instances."""
    image_id = _p(params, "ImageId")
    if not image_id:
        return ec2._error("MissingParameter", "The request must contain the parameter ImageId", 400)
    if image_id not in ec2._images:
        return ec2._error("InvalidAMIID.NotFound", f"The image id '[{escape(image_id)}]' does not exist", 400)
    ec2._images.pop(image_id, None)
    ec2._tags.pop(image_id, None)
    return ec2._xml(200, "DeregisterImageResponse", "<return>true</return>")


def delete_snapshot(params: Params) -> Answer:
    """EC2 API, DeleteSnapshot: not that of the root device of an image that exists."""
    snapshot_id = _p(params, "SnapshotId")
    for image_id, image in ec2._images.items():
        if any(snapshot["SnapshotId"] == snapshot_id for snapshot in _snapshots(image)):
            message = f"The snapshot {snapshot_id} is currently in use by {image_id}"
            return ec2._error("InvalidSnapshot.InUse", message, 400)
    answer = _delete_snapshot(params)
    ec2._tags.pop(snapshot_id, None)
    return answer


def _snapshots(image: Image) -> Iterator[dict[str, Any]]:
    for device in image.get("BlockDeviceMappings") or []:
        snapshot = ec2._snapshots.get((device.get("Ebs") or {}).get("SnapshotId"))
        if snapshot:
            yield snapshot


def install() -> None:
    # MiniStack's own images are containers of Docker.
    ec2._docker_touched = lambda: False
    ec2._image_matches_filters = matches
    ec2._ACTION_MAP.update(
        CreateImage=create,
        DeregisterImage=deregister,
        DescribeImages=describe,
        DeleteSnapshot=delete_snapshot,
    )
