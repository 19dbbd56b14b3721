"""Changes that are not visible everywhere immediately."""

import json
import unittest

import cloud
from emulator.strict import consistency
from ministack.core import iam_evaluator
from ministack.services import ec2, iam, sns, ssm

EVERYTHING = cloud.policy(("Allow", ["*"], ["*"]))


class Late(unittest.TestCase):
    """Until `later` is called, everything that was created is new."""

    def setUp(self) -> None:
        consistency.settle = 60.0
        self.addCleanup(setattr, consistency, "settle", 0.0)

    def later(self) -> None:
        consistency.settle = 0.0

    def test_role(self) -> None:
        """A new role cannot be assumed, neither by CloudFormation nor by a caller."""
        role = cloud.make_role("fresh", "cloudformation.amazonaws.com", EVERYTHING)
        template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
        params = {"StackName": "fresh", "TemplateBody": json.dumps(template), "RoleARN": role}
        status, body = cloud.call("CreateStack", params)
        self.assertEqual(status, 400)
        self.assertIn(f"Role {role} is invalid or cannot be assumed", body)
        trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
        somebody = f"arn:aws:iam::{cloud.ACCOUNT}:user/somebody"
        context = iam_evaluator.EvalContext(
            principal_arn=somebody,
            principal_type="User",
            principal_account=cloud.ACCOUNT,
            action="sts:AssumeRole",
            resource_arn=role,
            region=cloud.REGION,
        )
        self.assertFalse(iam_evaluator.evaluate_trust_policy(json.dumps(trust), somebody, context))
        self.later()
        self.assertTrue(iam_evaluator.evaluate_trust_policy(json.dumps(trust), somebody, context))
        self.assertEqual(cloud.create("fresh", template, role=role), "CREATE_COMPLETE")

    def test_image(self) -> None:
        """A new image is not found, a deregistered one still is."""

        def status() -> int:
            return ec2._ACTION_MAP["DescribeImages"]({"ImageId.1": ["ami-0123456789abcdef1"]})[0]

        data = {"ImageId": "ami-0123456789abcdef1", "Name": "late", "Description": "", "RootDeviceName": "/dev/xvda"}
        ec2._images["ami-0123456789abcdef1"] = {**data, "Architecture": "arm64", "VirtualizationType": "hvm"}
        self.assertEqual(status(), 400)
        self.later()
        self.assertEqual(status(), 200)
        consistency.settle = 60.0
        ec2._ACTION_MAP["DeregisterImage"]({"ImageId": ["ami-0123456789abcdef1"]})
        self.assertEqual(status(), 200)
        self.later()
        self.assertEqual(status(), 400)

    def test_service_linked_role(self) -> None:
        """The first load balancer of an account fails while the service-linked role is new."""
        iam._roles.pop("AWSServiceRoleForElasticLoadBalancing", None)
        place = {"CidrBlock": "10.0.0.0/24", "AvailabilityZone": f"{cloud.REGION}a"}
        template = {
            "Resources": {
                "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
                "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}, **place}},
                "Balancer": {
                    "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                    "Properties": {"Type": "network", "Subnets": [{"Ref": "Subnet"}]},
                },
            }
        }
        self.assertEqual(cloud.create("early", template), "ROLLBACK_COMPLETE")
        self.assertIn("Access denied when attempting to assume role", cloud.failures("early")[0])
        self.later()
        self.assertEqual(cloud.create("late", template), "CREATE_COMPLETE")

    def test_lists(self) -> None:
        """A list omits new resources, and contains deleted ones."""
        sns._create_topic({"Name": ["appears"]})
        self.assertNotIn(b"appears", sns._list_topics({})[2])
        self.later()
        self.assertIn(b"appears", sns._list_topics({})[2])
        consistency.settle = 60.0
        sns._delete_topic({"TopicArn": [f"arn:aws:sns:{cloud.REGION}:{cloud.ACCOUNT}:appears"]})
        consistency._dated(sns._topics).born.clear()
        self.assertIn(b"appears", sns._list_topics({})[2])
        self.assertNotIn(f"arn:aws:sns:{cloud.REGION}:{cloud.ACCOUNT}:appears", sns._topics)
        self.later()
        self.assertNotIn(b"appears", sns._list_topics({})[2])

    def test_tags(self) -> None:
        """A resource is not found by a new tag."""
        made = {"CidrBlock": ["10.9.0.0/16"], "TagSpecification.1.ResourceType": ["vpc"]}
        tag = {"TagSpecification.1.Tag.1.Key": ["shade"], "TagSpecification.1.Tag.1.Value": ["green"]}
        ec2._ACTION_MAP["CreateVpc"]({**made, **tag})
        wanted = {"Filter.1.Name": ["tag:shade"], "Filter.1.Value.1": ["green"]}
        self.assertNotIn(b"10.9.0.0", ec2._ACTION_MAP["DescribeVpcs"](wanted)[2])
        self.later()
        self.assertIn(b"10.9.0.0", ec2._ACTION_MAP["DescribeVpcs"](wanted)[2])

    def test_name_of_a_deleted_parameter(self) -> None:
        """It cannot be reused immediately, by API or in a stack."""
        parameter = {"Name": "/again", "Type": "String", "Value": "1"}
        self.assertEqual(ssm._put_parameter(parameter)[0], 200)
        ssm._delete_parameter({"Name": "/again"})
        template = {"Resources": {"Again": {"Type": "AWS::SSM::Parameter", "Properties": parameter}}}
        self.assertIn(b"ParameterAlreadyExists", ssm._put_parameter(parameter)[2])
        self.assertEqual(cloud.create("again", template), "ROLLBACK_COMPLETE")
        self.assertIn("already exists", cloud.failures("again")[0])
        self.later()
        self.assertEqual(cloud.create("again-2", template), "CREATE_COMPLETE")


if __name__ == "__main__":
    unittest.main()
