"""Rights of launches and of machine images, and launches of groups from images."""

import re
import unittest

import cloud
from emulator import groups, images, instances
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import request_scope
from ministack.services import autoscaling, ec2, iam

DEBIAN = "ami-0deb1300000000a64"
HERE = f"arn:aws:ec2:{cloud.REGION}:{cloud.ACCOUNT}"
PUBLIC = f"arn:aws:ec2:{cloud.REGION}:"
LAUNCH = ("Allow", ["ec2:RunInstances"], ["*"])
TAG = ("Allow", ["ec2:CreateTags"], [f"{HERE}:instance/*", f"{PUBLIC}:image/*"])
PASS = ("Allow", ["iam:PassRole"], [f"arn:aws:iam::{cloud.ACCOUNT}:role/builder"])


def ask(action: str, key: str = "", **params: str) -> tuple[int, str]:
    """A call of EC2 by a user's key, or by the root user."""
    iam_evaluator._verified_key.set(key)
    named = {name.replace("_", "."): [value] for name, value in params.items()}
    status, _, body = ec2._ACTION_MAP[action](named)
    return status, body.decode()


class Rights(unittest.TestCase):
    def setUp(self) -> None:
        self.enterContext(request_scope(cloud.ACCOUNT, cloud.REGION))
        ec2._ensure_defaults_initialized()
        if "builder" not in iam._roles:
            cloud.make_role("builder", "ec2.amazonaws.com")
            iam._IAM_HANDLERS["CreateInstanceProfile"]({"InstanceProfileName": ["builder"]})
            iam._IAM_HANDLERS["AddRoleToInstanceProfile"]({"InstanceProfileName": ["builder"], "RoleName": ["builder"]})
            data = {"ImageId": DEBIAN, "InstanceType": "t4g.medium", "IamInstanceProfile.Name": "builder"}
            ask("CreateLaunchTemplate", LaunchTemplateName="builder", **{f"LaunchTemplateData.{key}": data[key] for key in data})

    def run_as(self, name: str, *statements: tuple[str, list[str], list[str]]) -> tuple[int, str]:
        key = cloud.make_user(name, cloud.policy(*statements))
        tag = {"TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": "a", "TagSpecification.1.Tag.1.Value": "b"}
        template = {"LaunchTemplate.LaunchTemplateName": "builder", "LaunchTemplate.Version": "$Latest"}
        return ask("RunInstances", key, MinCount="1", MaxCount="1", **tag, **template)

    def refused(self, answer: tuple[int, str], action: str, arn: str) -> None:
        self.assertEqual(answer[0], 403)
        self.assertIn("<Code>UnauthorizedOperation</Code>", answer[1])
        self.assertRegex(
            answer[1],
            r"You are not authorized to perform this operation\. User: \S+ is not authorized to perform: "
            + re.escape(f"{action} on resource: {arn} because no identity-based policy allows the {action} action"),
        )

    def test_launch(self) -> None:
        """It is evaluated on all resources, its tags and its role."""
        narrow = ("Allow", ["ec2:RunInstances"], [f"{HERE}:{kind}/*" for kind in ("instance", "network-interface", "subnet", "volume")])
        self.refused(self.run_as("without-image", narrow, TAG, PASS), "ec2:RunInstances", f"{PUBLIC}:image/{DEBIAN}")
        self.refused(self.run_as("without-tags", LAUNCH, PASS), "ec2:CreateTags", f"{HERE}:instance/*")
        self.refused(self.run_as("without-role", LAUNCH, TAG), "iam:PassRole", f"arn:aws:iam::{cloud.ACCOUNT}:role/builder")
        status, body = self.run_as("with-all", LAUNCH, TAG, PASS)
        self.assertEqual(status, 200, body)

    def test_image(self) -> None:
        """It is evaluated on the instance, the image and the snapshot, and on its tags."""
        _, body = self.run_as("launcher", LAUNCH, TAG, PASS)
        instance = re.findall("<instanceId>([^<]+)", body)[0]
        ec2._instances[instance]["State"] = {"Code": 80, "Name": "stopped"}
        tag = {"TagSpecification.1.ResourceType": "snapshot", "TagSpecification.1.Tag.1.Key": "a"}

        def create(name: str, *arns: str) -> tuple[int, str]:
            key = cloud.make_user(name, cloud.policy(("Allow", ["ec2:CreateImage"], list(arns)), TAG))
            return ask("CreateImage", key, InstanceId=instance, Name=name, **tag)

        image, snapshot, own = f"{PUBLIC}:image/*", f"{PUBLIC}:snapshot/*", f"{HERE}:instance/*"
        self.refused(create("instance-only", own), "ec2:CreateImage", image)
        self.refused(create("without-instance", image, snapshot), "ec2:CreateImage", f"{HERE}:instance/{instance}")
        self.refused(create("without-snapshot-tags", image, snapshot, own), "ec2:CreateTags", snapshot)

    def test_shutdown_from_inside(self) -> None:
        """The launch template says whether it stops or terminates the instance."""
        for behaviour, state in (("", "stopped"), ("stop", "stopped"), ("terminate", "shutting-down")):
            asked = {"InstanceInitiatedShutdownBehavior": behaviour} if behaviour else {}
            one = {"MinCount": "1", "MaxCount": "1", "ImageId": DEBIAN, "InstanceType": "t4g.medium"}
            record = ec2._instances[re.findall("<instanceId>([^<]+)", ask("RunInstances", **one, **asked)[1])[0]]
            instances.settle(record, {"state": "running", "reason": ""})
            instances.settle(record, {"state": "stopped", "reason": ""})
            self.assertEqual(instances.state(record), state)
            self.assertEqual(record["_reason"], "Client.InstanceInitiatedShutdown: Instance initiated shutdown")
            self.assertEqual(instances.wanted(record), "stopped" if state == "stopped" else "terminated")

    def test_reboot(self) -> None:
        """A running machine is down until its image is made, unless NoReboot is set, but EC2 says that it runs."""
        _, body = self.run_as("reboots", LAUNCH, TAG, PASS)
        instance = re.findall("<instanceId>([^<]+)", body)[0]
        record = ec2._instances[instance]
        running = {"state": "running", "reason": ""}
        instances.settle(record, running)
        for more, live, wanted in (({"NoReboot": "true"}, True, "running"), ({}, False, "stopped")):
            answer = ask("CreateImage", InstanceId=instance, Name=f"reboot {live}", **more)[1]
            image = re.findall("<imageId>([^<]+)", answer)[0]
            self.assertIn({"id": image, "instance": instance, "live": live}, list(images.described()))
            self.assertEqual(instances.wanted(record), wanted)
            if not live:
                instances.settle(record, {"state": "stopped", "reason": ""})
            self.assertEqual(instances.state(record), "running")
            images.settle({image: {"state": "available", "reason": ""}})
            self.assertEqual(instances.wanted(record), "running")
        instances.settle(record, {"state": "stopped", "reason": ""})
        instances.settle(record, running)
        self.assertEqual(instances.state(record), "running")

    def test_states(self) -> None:
        """An image is made of a machine that runs or is stopped, and can be launched once it is available."""
        _, body = self.run_as("another", LAUNCH, TAG, PASS)
        instance = re.findall("<instanceId>([^<]+)", body)[0]
        ec2._instances[instance]["State"] = {"Code": 64, "Name": "stopping"}
        self.assertIn("<Code>IncorrectState</Code>", ask("CreateImage", InstanceId=instance, Name="states")[1])
        ec2._instances[instance]["State"] = {"Code": 80, "Name": "stopped"}
        image = re.findall("<imageId>([^<]+)", ask("CreateImage", InstanceId=instance, Name="states")[1])[0]

        def launch() -> str:
            return ask("RunInstances", MinCount="1", MaxCount="1", ImageId=image, InstanceType="t4g.medium")[1]

        def states() -> list[str]:
            of_image = {"Filter.1.Name": "description", "Filter.1.Value.1": f"Created by CreateImage({instance}) for {image}"}
            described = ask("DescribeImages", **{"ImageId.1": image})[1] + ask("DescribeSnapshots", **of_image)[1]
            return re.findall(r"<(?:imageState|status)>(\w+)", described)

        self.assertIn(f"AMI '{image}' is pending, and cannot be run", launch())
        self.assertEqual(states(), ["pending", "pending"])
        images.settle({image: {"state": "failed", "reason": "no space left"}})
        self.assertEqual(states(), ["failed", "error"])
        self.assertIn("<message>no space left</message>", ask("DescribeImages", **{"ImageId.1": image})[1])
        self.assertIn("is failed, and cannot be run", launch())
        self.assertNotIn(image, [each["id"] for each in images.described()])

    def test_public_arns(self) -> None:
        """Images and snapshots have no account in their ARN, as policies that allow their removal say it."""

        def arn(**params: str) -> str:
            return iam_actions.extract_resource_arn("ec2", "POST", "/", {}, b"", params, cloud.REGION, cloud.ACCOUNT)

        self.assertEqual(arn(ImageId=DEBIAN), f"{PUBLIC}:image/{DEBIAN}")
        self.assertEqual(arn(SnapshotId="snap-1"), f"{PUBLIC}:snapshot/snap-1")
        self.assertEqual(arn(VolumeId="vol-1"), f"{HERE}:volume/vol-1")


class Groups(unittest.TestCase):
    def test_launch_of_a_group(self) -> None:
        """Without its image, the activity fails with EC2's words."""
        with request_scope(cloud.ACCOUNT, cloud.REGION):
            ec2._ensure_defaults_initialized()
            data = {"LaunchTemplateData.ImageId": "ami-0123456789abcdef9", "LaunchTemplateData.InstanceType": "t4g.medium"}
            ask("CreateLaunchTemplate", LaunchTemplateName="gone", **data)
            group = {
                "AutoScalingGroupName": "gone",
                "AutoScalingGroupARN": "",
                "Instances": [],
                "LaunchTemplate": {"LaunchTemplateName": "gone"},
            }
            self.assertFalse(groups.launch(group, 0, 1))
            (activity,) = group["_activities"]
            self.assertEqual(activity["StatusCode"], "Failed")
            self.assertEqual(
                activity["StatusMessage"], "The image id '[ami-0123456789abcdef9]' does not exist. Launching EC2 instance failed."
            )


    def test_template_of_a_group(self) -> None:
        """A group whose image does not exist is refused, and so is a change to such a launch template."""
        with request_scope(cloud.ACCOUNT, cloud.REGION):
            data = {"LaunchTemplateData.InstanceType": "t4g.medium"}
            for name, image in (("there", DEBIAN), ("nowhere", "ami-0123456789abcdef9")):
                ask("CreateLaunchTemplate", LaunchTemplateName=name, **data, **{"LaunchTemplateData.ImageId": image})

            def call(action: str, template: str, **more: str) -> str:
                asked = {"AutoScalingGroupName": "imaged", "LaunchTemplate.LaunchTemplateName": template, **more}
                return autoscaling._ACTION_MAP[action]({name: [value] for name, value in asked.items()})[2].decode()

            refusal = "You must use a valid fully-formed launch template. The image id '[ami-0123456789abcdef9]' does not exist"
            size = {"MinSize": "0", "MaxSize": "1"}
            self.assertIn(refusal, call("CreateAutoScalingGroup", "nowhere", **size))
            self.assertNotIn("imaged", autoscaling._asgs)
            self.assertNotIn("Error", call("CreateAutoScalingGroup", "there", **size))
            self.assertIn(refusal, call("UpdateAutoScalingGroup", "nowhere"))
            desired = {"DesiredConfiguration.LaunchTemplate.LaunchTemplateName": "nowhere"}
            preferences = {"Preferences.MinHealthyPercentage": "100", "Preferences.MaxHealthyPercentage": "200"}
            self.assertIn(refusal, call("StartInstanceRefresh", "there", **desired, **preferences))


if __name__ == "__main__":
    unittest.main()
