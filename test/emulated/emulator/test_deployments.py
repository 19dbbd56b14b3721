"""convoke's own templates, deployed with only the rights that convoke grants."""

import copy
import json
import os
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import cloud
from emulator.strict import principals, stack_rights
from ministack.core.responses import request_scope
from ministack.services import acm, ec2, eventbridge, iam, s3, secretsmanager, sns, ssm

FILE = os.environ.get("CONVOKE_TEMPLATES")


def left(name: str) -> list[str]:
    """Resources that are named after a deployment, or tagged with it."""
    named = [
        *iam._roles,
        *iam._instance_profiles,
        *s3._buckets,
        *secretsmanager._secrets,
        *ssm._parameters,
        *(arn.rpartition(":")[2] for arn in sns._topics),
        *(rule["Name"] for rule in eventbridge._rules.values()),
    ]
    tag = {"Key": "convoke:deployment", "Value": name}
    ended = {key for key, record in ec2._instances.items() if record["State"]["Name"] == "terminated"}
    tagged = [resource for resource, tags in ec2._tags.items() if tag in tags and resource not in ended]
    certificates = [arn for arn, one in acm._certificates.items() if tag in (one.get("Tags") or [])]
    return [one for one in named if one.startswith(f"convoke-{name}")] + tagged + certificates


@unittest.skipUnless(FILE, "the test of the emulator's extension writes the templates")
class Deployments(unittest.TestCase):
    def test_up_and_down(self) -> None:
        """Each is created, with a boundary, and deleted; no call is refused, and nothing is left behind."""
        cloud.make_zone("Z0EXAMPLE", "example.org")
        # The next test has the first.
        for entry in json.loads(Path(FILE or "").read_text())[1:]:
            with self.subTest(name=entry["name"], region=entry["region"]), request_scope(cloud.ACCOUNT, entry["region"]):
                self._up_and_down(entry)

    def test_no_statement_too_many(self) -> None:
        """Without any one statement of CloudFormation's role, a call that the largest deployment needs is refused."""
        cloud.make_zone("Z0EXAMPLE", "example.org")
        entry = json.loads(Path(FILE or "").read_text())[0]
        name = f"convoke-{entry['name']}-execute-{entry['region']}"
        asked: dict[str, tuple[str, str, dict[str, Any]]] = {}
        saved: dict[str, Any] = {}

        def recorded(principal: Any, action: str, arn: str, keys: dict[str, Any]) -> str | None:
            if f"assumed-role/{name}/" in principal.arn:
                saved.update(copy.deepcopy(iam._roles[name]))
                asked[json.dumps([action, arn, keys], default=str)] = (action, arn, keys)
            return denial(principal, action, arn, keys)

        denial = stack_rights.denial
        with mock.patch.object(stack_rights, "denial", recorded), request_scope(cloud.ACCOUNT, entry["region"]):
            self._up_and_down(entry)
        [(policy, document)] = saved["InlinePolicies"].items()
        document = json.loads(document) if isinstance(document, str) else document
        self.assertGreater(len(asked), 100)
        # The limit of the deployment's roles is gone with it.
        saved.pop("PermissionsBoundary", None)
        needless = []
        for statement in [one for one in document["Statement"] if one["Effect"] == "Allow"]:
            rest = {**document, "Statement": [one for one in document["Statement"] if one is not statement]}
            iam._roles[name] = {**saved, "InlinePolicies": {policy: json.dumps(rest)}}
            principal = principals.of_role(name, "AWSCloudFormation")
            if not any(denial(principal, *one) for one in asked.values()):
                needless.append(statement.get("Sid"))
        del iam._roles[name]
        self.assertEqual(needless, [])

    def _up_and_down(self, entry: dict[str, Any]) -> None:
        name, region = entry["name"], entry["region"]
        boundary = {"PolicyName": [f"convoke-{name}-boundary-{region}"], "Path": ["/convoke/"]}
        iam._IAM_HANDLERS["CreatePolicy"]({**boundary, "PolicyDocument": [json.dumps(entry["boundary"])]})
        deployer = cloud.make_user(f"deployer-{name}-{region}")
        for index, document in enumerate(entry["deployer"]):
            made = {"PolicyName": [f"deployer-{name}-{region}-{index}"], "PolicyDocument": [json.dumps(document)]}
            status, _, body = iam._IAM_HANDLERS["CreatePolicy"](made)
            self.assertEqual(status, 200, body)
            arn = f"arn:aws:iam::{cloud.ACCOUNT}:policy/{made['PolicyName'][0]}"
            iam._IAM_HANDLERS["AttachUserPolicy"]({"UserName": [f"deployer-{name}-{region}"], "PolicyArn": [arn]})

        bootstrap, stack = f"convoke-{name}-bootstrap", f"convoke-{name}"
        self._is(cloud.create(bootstrap, entry["bootstrap"], deployer, BoundedRoles="true"), "CREATE_COMPLETE", bootstrap)
        role = f"arn:aws:iam::{cloud.ACCOUNT}:role/convoke-{name}-execute-{region}"
        asked = {"HostedZoneId": "Z0EXAMPLE", "CertificateArn": f"arn:aws:acm:{region}:{cloud.ACCOUNT}:certificate/x"}
        parameters = {key: asked[key] for key in entry["deployment"]["Parameters"] if key in asked}
        # Change sets are the deploy role's, what they make is the execution role's.
        key = cloud.session(f"convoke-{name}-deploy-{region}")
        bucket = f"convoke-{name}-{cloud.ACCOUNT}-{region}"
        made = cloud.deploy(stack, entry["deployment"], key, role, bucket, BoundedRoles="true", **parameters)
        self._is(made, "CREATE_COMPLETE", stack)
        self._is(cloud.delete(stack, deployer), "DELETE_COMPLETE", stack)
        self._is(cloud.delete(bootstrap, deployer), "DELETE_COMPLETE", bootstrap)
        self.assertEqual(left(name), [])

    def _is(self, status: str, wanted: str, stack: str) -> None:
        self.assertEqual(status, wanted, cloud.failures(stack))


if __name__ == "__main__":
    unittest.main()
