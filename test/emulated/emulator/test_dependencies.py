"""Resources that cannot be deleted while they are in use."""

import time
import unittest

import cloud
from emulator.strict import dependencies
from ministack.core.responses import request_scope
from ministack.services import alb, ec2, s3
from ministack.services.cloudformation import _stacks

VPC = {"Ref": "Net"}


def ingress() -> cloud.Template:
    def subnet(index: int) -> dict[str, object]:
        place = {"CidrBlock": f"10.0.{index}.0/24", "AvailabilityZone": f"{cloud.REGION}{'ab'[index]}"}
        return {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": VPC, **place}}

    group = {"GroupDescription": "test", "VpcId": VPC}
    subnets = [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}]
    balancer = {"Subnets": subnets, "SecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}]}
    forward = [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}]
    listener = {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": 80, "Protocol": "HTTP", "DefaultActions": forward}
    return {
        "Resources": {
            "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "SubnetA": subnet(0),
            "SubnetB": subnet(1),
            "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": group},
            "Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": balancer},
            "Targets": {
                "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
                "Properties": {"Protocol": "HTTP", "Port": 80, "VpcId": VPC},
            },
            "Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": listener},
        }
    }


class Dependencies(unittest.TestCase):
    def test_load_balancer(self) -> None:
        """It blocks its subnets, security groups and target groups, and its network interfaces do so a moment longer."""
        self.assertEqual(cloud.create("door", ingress()), "CREATE_COMPLETE")
        made = {name: record["PhysicalResourceId"] for name, record in _stacks["door"]["_resources"].items()}

        def ask(service: object, action: str, **params: str) -> bytes:
            status, _, body = service._ACTION_MAP[action]({key: [value] for key, value in params.items()})
            return b"done" if status < 400 else body

        delete_subnet = (ec2, "DeleteSubnet"), {"SubnetId": made["SubnetA"]}
        delete_group = (ec2, "DeleteSecurityGroup"), {"GroupId": made["Group"]}
        self.assertIn(b"has dependencies", ask(*delete_subnet[0], **delete_subnet[1]))
        self.assertIn(b"has a dependent object", ask(*delete_group[0], **delete_group[1]))
        self.assertIn(b"ResourceInUse", ask(alb, "DeleteTargetGroup", TargetGroupArn=made["Targets"]))
        ask(alb, "DeleteLoadBalancer", LoadBalancerArn=made["Balancer"])
        self.assertEqual(ask(alb, "DeleteTargetGroup", TargetGroupArn=made["Targets"]), b"done")
        self.assertIn(b"has dependencies", ask(*delete_subnet[0], **delete_subnet[1]))
        dependencies._lingering[:] = [(time.monotonic(), interface) for _, interface in dependencies._lingering]
        self.assertEqual(ask(*delete_subnet[0], **delete_subnet[1]), b"done")
        self.assertEqual(ask(*delete_group[0], **delete_group[1]), b"done")

    def test_bucket_of_another_account(self) -> None:
        with request_scope("111111111111", cloud.REGION):
            s3._buckets["taken"] = {"name": "taken"}
        self.assertEqual(s3._head_bucket("taken")[0], 403)
        self.assertEqual(s3._head_bucket("free")[0], 404)


if __name__ == "__main__":
    unittest.main()
