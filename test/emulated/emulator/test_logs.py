"""Log events that CloudWatch refuses or rejects, and pages of results."""

import json
import time
import unittest
from typing import Any

import cloud  # noqa: F401, installs the extension
from emulator import logs
from ministack.services import cloudwatch_logs

NOW = int(time.time() * 1_000)
DAY = 24 * 60 * 60_000


def event(timestamp: int, message: str = "x") -> dict[str, Any]:
    return {"timestamp": timestamp, "message": message}


class Events(unittest.TestCase):
    group = 0

    def setUp(self) -> None:
        Events.group += 1
        self.names = {"logGroupName": f"group-{Events.group}", "logStreamName": "shard-a/i-1"}
        cloudwatch_logs._create_log_group({"logGroupName": self.names["logGroupName"]})
        cloudwatch_logs._create_log_stream(self.names)

    def put(self, *events: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, _, body = cloudwatch_logs._put_log_events({**self.names, "logEvents": list(events)})
        return status, json.loads(body)

    def found(self, **asked: Any) -> dict[str, Any]:
        _, _, body = cloudwatch_logs._filter_log_events({"logGroupName": self.names["logGroupName"], **asked})
        return dict(json.loads(body))

    def test_size(self) -> None:
        self.assertEqual(self.put(event(NOW, "x" * (logs.MOST_BYTES - 26)))[0], 200)
        status, body = self.put(event(NOW, "x" * (logs.MOST_BYTES - 25)))
        self.assertEqual(status, 400)
        self.assertIn("Upload too large", body["message"])

    def test_number(self) -> None:
        self.assertEqual(self.put(*[event(NOW)] * logs.MOST_EVENTS)[0], 200)
        self.assertEqual(self.put(*[event(NOW)] * (logs.MOST_EVENTS + 1))[0], 400)
        self.assertEqual(self.put()[0], 400)

    def test_order_and_span(self) -> None:
        self.assertIn("chronological", self.put(event(NOW), event(NOW - 1))[1]["message"])
        self.assertIn("24 hours", self.put(event(NOW - DAY - 1), event(NOW))[1]["message"])

    def test_old_and_future_events_are_rejected_one_by_one(self) -> None:
        cloudwatch_logs._put_retention_policy({"logGroupName": self.names["logGroupName"], "retentionInDays": 7})
        status, body = self.put(event(NOW - 8 * DAY))
        self.assertEqual((status, body["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"]), (200, 1))
        status, body = self.put(event(NOW, "kept"), event(NOW + 3 * 60 * 60_000))
        self.assertEqual((status, body["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"]), (200, 1))
        self.assertEqual([each["message"] for each in self.found()["events"]], ["kept"])

    def test_pages(self) -> None:
        for _ in range(3):
            self.put(*[event(NOW - 10 + index % 10) for index in sorted(range(9_000), key=lambda index: index % 10)])
        messages, token = 0, None
        while True:
            page = self.found(**({"nextToken": token} if token else {}))
            messages += len(page["events"])
            token = page.get("nextToken")
            if not token:
                break
        self.assertEqual(messages, 27_000)

    def test_streams_by_prefix(self) -> None:
        self.put(event(NOW, "here"))
        self.assertEqual(len(self.found(logStreamNamePrefix="shard-a/")["events"]), 1)
        self.assertEqual(self.found(logStreamNamePrefix="bridge/")["events"], [])


if __name__ == "__main__":
    unittest.main()
