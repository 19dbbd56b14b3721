"""Instance types by region and zone."""

import re
import unittest
from dataclasses import replace
from unittest import mock

import cloud
from emulator import groups, launch_templates, mixed_instances
from ministack.core.responses import request_scope
from ministack.services import ec2


class Offerings(unittest.TestCase):
    def offered(self, region: str, kind: str) -> list[str]:
        params = {"LocationType": ["availability-zone"], "Filter.1.Name": ["instance-type"], "Filter.1.Value.1": [kind]}
        with request_scope(cloud.ACCOUNT, region):
            status, _, body = ec2._ACTION_MAP["DescribeInstanceTypeOfferings"](params)
        self.assertEqual(status, 200)
        return re.findall("<location>([^<]+)", body if isinstance(body, str) else body.decode())

    def test_every_zone_of_a_region(self) -> None:
        self.assertEqual(self.offered("eu-central-1", "t4g.medium"), ["eu-central-1a", "eu-central-1b", "eu-central-1c"])

    def test_region_without_a_type(self) -> None:
        self.assertEqual(self.offered("eu-central-1", "t9z.medium"), [])

    def test_zone_without_graviton(self) -> None:
        """The zone that is use1-az3 in this account."""
        self.assertEqual(self.offered("us-east-1", "t4g.medium"), ["us-east-1a", "us-east-1b"])
        self.assertEqual(self.offered("us-east-1", "t3.medium"), ["us-east-1a", "us-east-1b", "us-east-1c"])

    def test_launch_of_a_type_that_the_zone_lacks(self) -> None:
        """It is refused, and the group launches its next type if the zone has that."""
        arm = launch_templates.Machine("ami-0deb1300000000a64", "t4g.medium", "", [], None, None, True, "", False)
        group = {"Instances": []}
        with request_scope(cloud.ACCOUNT, "us-east-1"), mock.patch.object(mixed_instances, "choices") as choices:
            choices.return_value = [arm]
            self.assertEqual(groups._available(group, "us-east-1a"), arm)
            with self.assertRaisesRegex(ValueError, r"\(t4g.medium\) is not supported in your requested Availability Zone \(us-east-1c\)"):
                groups._available(group, "us-east-1c")
            amd = replace(arm, type="t3.medium", image="ami-0deb1300000000d64")
            choices.return_value = [arm, amd]
            self.assertEqual(groups._available(group, "us-east-1c"), amd)

    def test_types(self) -> None:
        """Types of the region, with processors and memory; a filter ignores unknown types."""
        wanted = ["t4g.medium", "c7g.xlarge", "m6i.2xlarge", "t9z.medium"]
        params = {f"Filter.1.Value.{index}": [name] for index, name in enumerate(wanted, 1)}
        _, _, body = ec2._ACTION_MAP["DescribeInstanceTypes"]({"Filter.1.Name": ["instance-type"], **params})
        text = body if isinstance(body, str) else body.decode()
        self.assertEqual(re.findall("<instanceType>([^<]+)", text), ["c7g.xlarge", "m6i.2xlarge", "t4g.medium"])
        self.assertEqual(re.findall("<defaultVCpus>([^<]+)", text), ["4", "8", "2"])
        self.assertEqual(re.findall("<sizeInMiB>([^<]+)", text), ["8192", "32768", "4096"])
        self.assertEqual(re.findall("Architectures><item>([^<]+)", text), ["arm64", "x86_64", "arm64"])
        self.assertIn(b"InvalidInstanceType", ec2._ACTION_MAP["DescribeInstanceTypes"]({"InstanceType.1": ["t9z.medium"]})[2])


if __name__ == "__main__":
    unittest.main()
