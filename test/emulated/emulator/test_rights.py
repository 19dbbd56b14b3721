"""Rights of CloudFormation: their principal, their resources, and the effect of a refusal."""

import json
import unittest

import cloud
from emulator.strict import reference
from ministack.services import ec2, iam, sns

EVERYTHING = ("Allow", ["*"], ["*"])


def topic(name: str) -> cloud.Template:
    return {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}}


def network() -> cloud.Template:
    properties = {"CidrBlock": "10.0.0.0/16", "Tags": [{"Key": "owner", "Value": "test"}]}
    return {"Resources": {"Net": {"Type": "AWS::EC2::VPC", "Properties": properties}}}


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.admin = cloud.make_user("admin", cloud.policy(EVERYTHING))

    def test_role_of_the_stack(self) -> None:
        """The stack's role is evaluated, not the caller, on the resource's own ARN."""
        mine = f"arn:aws:sns:{cloud.REGION}:{cloud.ACCOUNT}:mine"
        role = cloud.make_role("topics", "cloudformation.amazonaws.com", cloud.policy(("Allow", ["sns:*"], [mine])))
        self.assertEqual(cloud.create("mine", topic("mine"), self.admin, role), "CREATE_COMPLETE")
        self.assertEqual(cloud.create("other", topic("other"), self.admin, role), "ROLLBACK_COMPLETE")
        [refused] = cloud.failures("other")
        self.assertIn("assumed-role/topics/AWSCloudFormation is not authorized to perform: sns:CreateTopic on resource: ", refused)
        self.assertIn(":other because no identity-based policy allows the sns:CreateTopic action", refused)
        self.assertIn("HandlerErrorCode: AccessDenied", refused)
        self.assertNotIn("other", [arn.rpartition(":")[2] for arn in sns._topics])
        # The role stays the stack's for all that follows.
        self.assertEqual(cloud.delete("mine", self.admin), "DELETE_COMPLETE")

    def test_caller(self) -> None:
        """Without a role the stack has the caller's rights."""
        key = cloud.make_user("limited", cloud.policy(("Allow", ["cloudformation:*", "s3:GetObject"], ["*"])))
        self.assertEqual(cloud.create("limited", topic("limited"), key), "ROLLBACK_COMPLETE")
        self.assertIn("user/limited is not authorized to perform: sns:CreateTopic", cloud.failures("limited")[0])

    def test_explicit_deny_and_boundary(self) -> None:
        denied = cloud.policy(EVERYTHING, ("Deny", ["sns:TagResource"], ["*"]))
        role = cloud.make_role("denied", "cloudformation.amazonaws.com", denied)
        self.assertEqual(cloud.create("denied", topic("denied"), self.admin, role), "ROLLBACK_COMPLETE")
        self.assertIn("sns:TagResource", cloud.failures("denied")[0])
        self.assertIn("with an explicit deny in an identity-based policy", cloud.failures("denied")[0])

        iam._IAM_HANDLERS["CreatePolicy"]({"PolicyName": ["few"], "PolicyDocument": [cloud.policy(("Allow", ["ec2:*"], ["*"]))]})
        role = cloud.make_role("bounded", "cloudformation.amazonaws.com", cloud.policy(EVERYTHING))
        iam._roles["bounded"]["PermissionsBoundary"] = f"arn:aws:iam::{cloud.ACCOUNT}:policy/few"
        self.assertEqual(cloud.create("bounded", topic("bounded"), self.admin, role), "ROLLBACK_COMPLETE")
        self.assertIn("because no permissions boundary allows the sns:CreateTopic action", cloud.failures("bounded")[0])

    def test_tags_as_conditions(self) -> None:
        """A condition on the resource's tag holds for an existing resource with it, and for no other."""
        tagged = json.loads(cloud.policy(("Allow", ["ec2:Create*", "ec2:Describe*", "ec2:Modify*"], ["*"])))
        tagged["Statement"].append(
            {
                "Effect": "Allow",
                "Action": "ec2:DeleteVpc",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/owner": "test"}},
            }
        )
        role = cloud.make_role("network", "cloudformation.amazonaws.com", json.dumps(tagged))
        self.assertEqual(cloud.create("net", network(), self.admin, role), "CREATE_COMPLETE")
        [vpc] = [vpc for vpc, tags in ec2._tags.items() if {"Key": "owner", "Value": "test"} in tags]
        ec2._tags[vpc] = [{"Key": "owner", "Value": "somebody"}]
        self.assertEqual(cloud.delete("net", self.admin), "DELETE_FAILED")
        self.assertIn(f"ec2:DeleteVpc on resource: arn:aws:ec2:{cloud.REGION}:{cloud.ACCOUNT}:vpc/{vpc}", cloud.failures("net")[-1])
        ec2._tags[vpc] = [{"Key": "owner", "Value": "test"}]
        self.assertEqual(cloud.delete("net", self.admin), "DELETE_COMPLETE")

    def test_passing_a_role(self) -> None:
        """A caller needs the right to pass the role, and the role has to trust CloudFormation."""
        role = cloud.make_role("passed", "cloudformation.amazonaws.com", cloud.policy(EVERYTHING))
        key = cloud.make_user("deploys", cloud.policy(("Allow", ["cloudformation:*", "s3:GetObject"], ["*"])))
        self.assertIn("not authorized to perform: iam:PassRole", cloud.create("passed", topic("passed"), key, role))
        foreign = cloud.make_role("machines", "ec2.amazonaws.com", cloud.policy(EVERYTHING))
        self.assertIn("is invalid or cannot be assumed", cloud.create("foreign", topic("foreign"), self.admin, foreign))

    def test_role_that_is_gone(self) -> None:
        """A stack whose role does not exist cannot be deleted."""
        role = cloud.make_role("brief", "cloudformation.amazonaws.com", cloud.policy(EVERYTHING))
        self.assertEqual(cloud.create("brief", topic("brief"), self.admin, role), "CREATE_COMPLETE")
        kept = iam._roles.pop("brief")
        self.assertIn("is invalid or cannot be assumed", cloud.delete("brief", self.admin))
        iam._roles["brief"] = kept
        self.assertEqual(cloud.delete("brief", self.admin), "DELETE_COMPLETE")

    def test_reading_a_template(self) -> None:
        key = cloud.make_user("blind", cloud.policy(("Allow", ["cloudformation:*"], ["*"])))
        status, body = cloud.call("CreateStack", {"StackName": "blind", "TemplateURL": cloud.TEMPLATE}, key)
        self.assertEqual(status, 403)
        self.assertIn("not authorized to perform: s3:GetObject on resource: arn:aws:s3:::templates/template.json", body)

    def test_reading_parameters(self) -> None:
        """An SSM parameter that a template reads is read with the caller's rights, and with the role's."""
        name = "/aws/service/debian/release/13/latest/arm64"
        image = {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": name}
        template = {"Parameters": {"Image": image}, **topic("reader")}
        blind = cloud.make_user("reads-nothing", cloud.policy(("Allow", ["cloudformation:*"], ["*"])))
        params = {"ChangeSetType": "CREATE", "TemplateBody": json.dumps(template)}
        status, body = cloud.call("CreateChangeSet", {"StackName": "blind-2", "ChangeSetName": "one", **params}, blind)
        self.assertEqual(status, 403)
        self.assertIn(f"ssm:GetParameters on resource: arn:aws:ssm:{cloud.REGION}::parameter{name}", body)
        role = cloud.make_role("reads-not", "cloudformation.amazonaws.com", cloud.policy(("Allow", ["sns:*"], ["*"])))
        params["RoleARN"] = role
        status, body = cloud.call("CreateChangeSet", {"StackName": "blind-3", "ChangeSetName": "two", **params}, self.admin)
        self.assertEqual(status, 403)
        self.assertIn("assumed-role/reads-not/AWSCloudFormation is not authorized", body)

    def test_actions_without_a_resource_need_a_star(self) -> None:
        self.assertEqual(set(reference.kinds("ec2:DescribeVpcs") or {}), {""})
        role = cloud.make_role(
            "narrow",
            "cloudformation.amazonaws.com",
            cloud.policy(("Allow", ["ec2:*"], [f"arn:aws:ec2:{cloud.REGION}:{cloud.ACCOUNT}:*"])),
        )
        self.assertEqual(cloud.create("narrow", network(), self.admin, role), "ROLLBACK_COMPLETE")
        self.assertIn("ec2:DescribeVpcs on resource: *", cloud.failures("narrow")[0])


class ServiceLinkedRoles(unittest.TestCase):
    def test_first_load_balancer(self) -> None:
        """Creating the first load balancer of an account needs the right to create its service-linked role."""
        iam._roles.pop("AWSServiceRoleForElasticLoadBalancing", None)
        admin = cloud.make_user("first", cloud.policy(EVERYTHING))
        template: cloud.Template = network()
        template["Resources"].update(
            Subnet={
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": f"{cloud.REGION}a"},
            },
            Balancer={
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"Type": "network", "Subnets": [{"Ref": "Subnet"}]},
            },
        )
        narrow = cloud.policy(("Allow", ["ec2:*", "elasticloadbalancing:*"], ["*"]))
        role = cloud.make_role("no-slr", "cloudformation.amazonaws.com", narrow)
        self.assertEqual(cloud.create("first", template, admin, role), "ROLLBACK_COMPLETE")
        self.assertIn("iam:CreateServiceLinkedRole on resource: arn:aws:iam::", cloud.failures("first")[0])
        self.assertEqual(cloud.create("second", template, admin), "CREATE_COMPLETE")
        self.assertIn("AWSServiceRoleForElasticLoadBalancing", iam._roles)
        # Once it is there, nobody needs that right.
        self.assertEqual(cloud.create("third", template, admin, role), "CREATE_COMPLETE")

    def test_name_is_taken(self) -> None:
        make = iam._IAM_HANDLERS["CreateServiceLinkedRole"]
        make({"AWSServiceName": ["autoscaling.amazonaws.com"]})
        status, _, body = make({"AWSServiceName": ["autoscaling.amazonaws.com"]})
        self.assertEqual(status, 400)
        self.assertIn(b"AWSServiceRoleForAutoScaling has been taken in this account", body)


if __name__ == "__main__":
    unittest.main()
