"""Templates that CloudFormation refuses: properties, existing names, and limits."""

import json
import unittest

import cloud
from emulator.strict.properties import faults
from ministack.services import iam, s3, secretsmanager
from ministack.services.cloudformation import _change_sets

SHARD = "AWS::AutoScaling::AutoScalingGroup"


def group(**properties: object) -> dict[str, object]:
    return {"MinSize": "1", "MaxSize": "2", "AvailabilityZones": ["eu-central-1a"], **properties}


class Properties(unittest.TestCase):
    def wrong(self, kind: str, props: object) -> str:
        return "; ".join(f"{path}: {what}" for path, what in faults(kind, props))

    def test_types(self) -> None:
        mixed = {"InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 87.5}}
        self.assertIn("87.5 is not of type integer", self.wrong(SHARD, group(MixedInstancesPolicy=mixed)))
        # Text that reads as a number is one, for CloudFormation.
        mixed["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] = "87"
        self.assertNotIn("is not of type", self.wrong(SHARD, group(MixedInstancesPolicy=mixed)))
        self.assertIn("is not of type array", self.wrong(SHARD, group(TargetGroupARNs="one")))

    def test_names_of_properties(self) -> None:
        self.assertIn("Unsupported property [Colour]", self.wrong(SHARD, group(Colour="blue")))
        self.assertIn("Required property [MinSize] not found", self.wrong(SHARD, {"MaxSize": "1"}))

    def test_values(self) -> None:
        self.assertIn("ON is not a valid enum value", self.wrong("AWS::Events::Rule", {"State": "ON"}))
        dimensions = [{"Name": "x" * 256, "Value": "y"}]
        alarm = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Dimensions": dimensions}
        self.assertIn("expected maxLength: 255, actual: 256", self.wrong("AWS::CloudWatch::Alarm", alarm))
        parameter = {"Type": "String", "Value": "1", "Name": "name", "DataType": "number"}
        self.assertIn("number is not a valid enum value", self.wrong("AWS::SSM::Parameter", parameter))

    def test_what_is_not_resolved_yet(self) -> None:
        self.assertEqual(self.wrong(SHARD, group(MinSize={"Ref": "Size"}, TargetGroupARNs={"Fn::Split": [",", "a"]})), "")


class ChangeSets(unittest.TestCase):
    def change_set(self, template: cloud.Template, name: str = "test") -> dict[str, object]:
        params = {
            "StackName": f"stack-{name}",
            "ChangeSetName": name,
            "ChangeSetType": "CREATE",
            "TemplateBody": json.dumps(template),
            "Capabilities.member.1": "CAPABILITY_NAMED_IAM",
        }
        status, body = cloud.call("CreateChangeSet", params)
        self.assertEqual(status, 200, body)
        return next(one for one in _change_sets.values() if one["ChangeSetName"] == name)

    def test_property(self) -> None:
        found = self.change_set({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Name": "x"}}}}, "property")
        self.assertEqual(found["Status"], "FAILED")
        self.assertIn("[AWS::EarlyValidation::PropertyValidation]", found["StatusReason"])
        _, events = cloud.call("DescribeEvents", {"ChangeSetName": str(found["ChangeSetId"])})
        self.assertIn("Unsupported property [Name]", events)
        self.assertIn("/Resources/Topic/Properties/Name", events)

    def test_name_that_exists(self) -> None:
        cloud.make_role("there-already", "ec2.amazonaws.com")
        trust = json.loads(iam._roles["there-already"]["AssumeRolePolicyDocument"])
        role = {"RoleName": "there-already", "AssumeRolePolicyDocument": {"Version": "2012-10-17", **trust}}
        found = self.change_set({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}, "name")
        self.assertEqual(found["Status"], "FAILED")
        self.assertIn("[AWS::EarlyValidation::ResourceExistenceCheck]", found["StatusReason"])

    def test_secret_that_waits_for_its_deletion(self) -> None:
        secret = {"Resources": {"Seed": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "convoke-seed"}}}}
        self.assertEqual(cloud.create("seed", secret), "CREATE_COMPLETE")
        secretsmanager._secrets["convoke-seed"]["DeletedDate"] = 1_800_000_000
        self.assertEqual(cloud.create("seed-2", secret), "ROLLBACK_COMPLETE")
        self.assertIn("already scheduled for deletion", cloud.failures("seed-2")[0])
        self.assertNotIn(b"convoke-seed", secretsmanager._list_secrets({})[2])

    def test_sizes(self) -> None:
        """51,200 bytes by value, 1,000,000 from a bucket, 500 resources."""
        many = {f"Topic{index}": {"Type": "AWS::SNS::Topic"} for index in range(501)}
        self.assertIn("500", cloud.create("many", {"Resources": many}))
        long = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Metadata": {"x": "x" * 60_000}}}}
        params = {"StackName": "long", "TemplateBody": json.dumps(long)}
        status, body = cloud.call("CreateStack", params)
        self.assertEqual(status, 400)
        self.assertIn("51200", body)
        long["Resources"]["Topic"]["Metadata"]["x"] = "x" * 1_000_001
        s3._get_object_data = lambda *_: json.dumps(long).encode()
        status, body = cloud.call("CreateStack", {"StackName": "long", "TemplateURL": cloud.TEMPLATE})
        self.assertEqual(status, 400)


if __name__ == "__main__":
    unittest.main()
