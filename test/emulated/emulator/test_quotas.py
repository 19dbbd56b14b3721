"""Quotas of a new account."""

import asyncio
import json
import unittest

import cloud  # noqa: F401
from emulator.strict import quotas
from ministack.core import router


class Quotas(unittest.TestCase):
    def ask(self, action: str, service: str, code: str) -> tuple[int, dict[str, object]]:
        headers = {"x-amz-target": f"ServiceQuotasV20190624.{action}"}
        self.assertEqual(router.detect_service("POST", "/", headers, {}), "servicequotas")
        body = json.dumps({"ServiceCode": service, "QuotaCode": code}).encode()
        status, _, answer = asyncio.run(quotas.handle_request("POST", "/", headers, body, {}))
        return status, json.loads(answer)

    def test_defaults(self) -> None:
        for service, code, value in (("ec2", "L-1216C47A", 5), ("vpc", "L-F678F1CE", 5), ("elasticloadbalancing", "L-53DA6B97", 50)):
            for action in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
                status, answer = self.ask(action, service, code)
                self.assertEqual((status, answer["Quota"]["Value"]), (200, value))

    def test_quota_that_is_not_known(self) -> None:
        status, answer = self.ask("GetServiceQuota", "ec2", "L-00000000")
        self.assertEqual(status, 400)
        self.assertIn("NoSuchResourceException", str(answer))


if __name__ == "__main__":
    unittest.main()
