"""Lambda functions of stacks: refusals, and events that fail."""

import json
import unittest
from typing import Any
from unittest import mock

import cloud
from emulator import functions
from ministack.services import sns

ROLE = f"arn:aws:iam::{cloud.ACCOUNT}:role/runs"


def function(**properties: Any) -> cloud.Template:
    code = {"ZipFile": "exports.handler = async () => { throw new Error('always'); };"}
    given = {"FunctionName": "fails", "Role": ROLE, "Handler": "index.handler", "Runtime": "nodejs22.x", "Code": code}
    return {"Resources": {"Fails": {"Type": "AWS::Lambda::Function", "Properties": {**given, **properties}}}}


class Functions(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.admin = cloud.make_user("builds", cloud.policy(("Allow", ["*"], ["*"])))
        cloud.make_role("runs", "lambda.amazonaws.com", cloud.policy(("Allow", ["logs:*"], ["*"])))

    def refusal(self, name: str, template: cloud.Template) -> str:
        self.assertEqual(cloud.create(name, template, self.admin), "ROLLBACK_COMPLETE")
        return cloud.failures(name)[0]

    def test_refusals(self) -> None:
        foreign = cloud.make_role("elsewhere", "ec2.amazonaws.com", cloud.policy(("Allow", ["*"], ["*"])))
        self.assertIn("cannot be assumed by Lambda", self.refusal("foreign", function(Role=foreign)))
        reserved = function(ReservedConcurrentExecutions=1)
        self.assertIn("below its minimum value of [10]", self.refusal("reserved", reserved))
        lost = function(Code={"S3Bucket": "none", "S3Key": "none.zip"})
        self.assertIn("NoSuchKey", self.refusal("lost", lost))
        topic = f"arn:aws:sns:{cloud.REGION}:{cloud.ACCOUNT}:dead"
        dead = function(DeadLetterConfig={"TargetArn": topic})
        self.assertIn("does not have permissions to call Publish on SNS", self.refusal("dead", dead))

    def test_event_that_fails(self) -> None:
        """It is tried three times, and then published unchanged."""
        tried, published = [], []
        config = {"FunctionName": "fails", "DeadLetterConfig": {"TargetArn": "arn:aws:sns:eu-central-1:1:dead"}}
        with (
            mock.patch.object(functions, "RETRIES_AFTER_SECONDS", (0, 0)),
            mock.patch.object(functions, "_execute", lambda record, event: tried.append(event) or {"error": True}),
            mock.patch.object(sns, "publish_internal", lambda topic, message: published.append(message)),
        ):
            functions._attempt({}, config, {"id": "1"})
        # Functions of other tests can be retried meanwhile.
        self.assertEqual([event for event in tried if event.get("id") == "1"], [{"id": "1"}] * 3)
        self.assertEqual([event for event in map(json.loads, published) if event.get("id") == "1"], [{"id": "1"}])
