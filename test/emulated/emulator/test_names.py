"""Names that CloudFormation generates."""

import unittest

import cloud
from emulator.strict.generated_names import generated_name
from ministack.services import eventbridge

RANDOM = "ABCdef123456"


class MadeNames(unittest.TestCase):
    def test_room_is_shared(self) -> None:
        for stack, logical_id, longest, name in (
            ("convoke-meet", "JitsiAlertsTerminated09A3B3B3", 64, "convoke-meet-JitsiAlertsTerminated09A3B3B3-ABCdef123456"),
            # A stack's name of more than half the room is cut when the logical id wants as much.
            (
                "convoke-jitsi-mycompany-de",
                "JitsiAlertsTerminated09A3B3B3",
                64,
                "convoke-jitsi-mycompany-d-JitsiAlertsTerminated09A3-ABCdef123456",
            ),
            ("convoke-a--b", "Role", 64, "convoke-a-b-Role-ABCdef123456"),
            ("-x", "Role", 64, "x-Role-ABCdef123456"),
            ("convoke-meet", "Balancer", 32, "convoke-me-Balancer-ABCdef123456"),
            ("convoke-meet", "Balancer", 17, "coBa-ABCdef123456"),
        ):
            with self.subTest(stack=stack, longest=longest):
                self.assertEqual(generated_name(stack, logical_id, RANDOM, longest), name)
                self.assertLessEqual(len(name), longest)

    def test_a_stack_has_them(self) -> None:
        rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.ec2"]}}}
        stack = "convoke-jitsi-mycompany-de"
        self.assertEqual(cloud.create(stack, {"Resources": {"JitsiAlertsTerminated09A3B3B3": rule}}), "CREATE_COMPLETE")
        [made] = [record["Name"] for record in eventbridge._rules.values()]
        self.assertRegex(made, r"^convoke-jitsi-mycompany-d-JitsiAlertsTerminated09A3-[A-Za-z0-9]{12}$")
        cloud.delete(stack)


if __name__ == "__main__":
    unittest.main()
