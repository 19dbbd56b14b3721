"""Instance types by region and zone."""

import re
import unittest

import cloud
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


if __name__ == "__main__":
    unittest.main()
