"""Sizes and values that services refuse."""

import base64
import unittest

import cloud
from emulator import schedule
from emulator.strict import limits
from ministack.services import iam


def long_policy(characters: int) -> str:
    return cloud.policy(("Allow", ["sns:Publish"], ["x" * characters]))


class Policies(unittest.TestCase):
    def put(self, action: str, **params: str) -> tuple[int, str]:
        status, _, body = iam._IAM_HANDLERS[action]({name: [value] for name, value in params.items()})
        return status, body.decode()

    def test_inline_policies_of_a_role_together(self) -> None:
        cloud.make_role("limited", "ec2.amazonaws.com")
        put = {"RoleName": "limited", "PolicyDocument": long_policy(6_000)}
        self.assertEqual(self.put("PutRolePolicy", PolicyName="one", **put)[0], 200)
        status, body = self.put("PutRolePolicy", PolicyName="two", **put)
        self.assertEqual(status, 409)
        self.assertIn("Maximum policy size of 10240 bytes exceeded for role limited", body)
        # Another text of the same policy replaces the one that is there.
        self.assertEqual(self.put("PutRolePolicy", PolicyName="one", **put)[0], 200)

    def test_managed_policies(self) -> None:
        status, body = self.put("CreatePolicy", PolicyName="long", PolicyDocument=long_policy(6_144))
        self.assertEqual(status, 409)
        self.assertIn("Cannot exceed quota for PolicySize: 6144", body)

    def test_whitespace_does_not_count(self) -> None:
        self.assertEqual(limits.size('{ "Statement" :  [ ] }'), len('{"Statement":[]}'))

    def test_in_a_stack(self) -> None:
        cloud.make_role("of-a-stack", "ec2.amazonaws.com")
        properties = {
            "PolicyName": "long",
            "Roles": ["of-a-stack"],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "x" * 10_240}]},
        }
        template = {"Resources": {"Policy": {"Type": "AWS::IAM::Policy", "Properties": properties}}}
        self.assertEqual(cloud.create("long-policy", template), "ROLLBACK_COMPLETE")
        self.assertIn("exceeded for role of-a-stack", cloud.failures("long-policy")[0])


class Ec2(unittest.TestCase):
    def test_rules_of_a_security_group(self) -> None:
        rules = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "10.0.0.0/8"} for port in range(1, 62)]
        properties = {"GroupDescription": "test", "SecurityGroupIngress": rules}
        template = {"Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}}}
        self.assertEqual(cloud.create("rules", template), "ROLLBACK_COMPLETE")
        self.assertIn("maximum number of rules per security group", cloud.failures("rules")[0])
        # The 61st, as a resource of its own.
        properties["SecurityGroupIngress"] = rules[:60]
        one = {"GroupId": {"Fn::GetAtt": ["Group", "GroupId"]}, **rules[60]}
        template["Resources"]["One"] = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": one}
        self.assertEqual(cloud.create("rules-2", template), "ROLLBACK_COMPLETE")
        self.assertIn("One: The maximum number of rules", cloud.failures("rules-2")[0])

    def test_user_data(self) -> None:
        data = {"UserData": base64.b64encode(b"x" * 16_385).decode()}
        template = {
            "Resources": {"Template": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": data}}}
        }
        self.assertEqual(cloud.create("data", template), "ROLLBACK_COMPLETE")
        self.assertIn("User data is limited to 16384 bytes", cloud.failures("data")[0])


class Events(unittest.TestCase):
    def test_targets_of_a_rule(self) -> None:
        topic = f"arn:aws:sns:{cloud.REGION}:{cloud.ACCOUNT}:topic"
        targets = [{"Id": str(index), "Arn": topic} for index in range(6)]
        rule = {"EventPattern": {"source": ["aws.ec2"]}, "Targets": targets}
        template = {"Resources": {"Rule": {"Type": "AWS::Events::Rule", "Properties": rule}}}
        self.assertEqual(cloud.create("targets", template), "ROLLBACK_COMPLETE")
        self.assertIn("expected maximum item count: 5, found: 6", cloud.failures("targets")[0])


class TimeZones(unittest.TestCase):
    def test_canonical_names_only(self) -> None:
        for zone in ("Europe/Berlin", "Asia/Kolkata", "Etc/GMT+9", None):
            schedule.check("0 7 * * *", zone)
        for zone in ("UTC", "Asia/Calcutta", "US/Eastern", "europe/berlin", "Mars/Olympus"):
            with self.subTest(zone=zone), self.assertRaisesRegex(ValueError, "not a canonical name"):
                schedule.check("0 7 * * *", zone)


if __name__ == "__main__":
    unittest.main()
