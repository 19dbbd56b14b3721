"""Log events: what CloudWatch refuses or rejects, and pages of results.

CloudWatch Logs API, PutLogEvents: a request has at most 10,000 events and 1,048,576 bytes, with 26 for each event, in
order of time and within 24 hours; events that are too old or too far in the future are rejected one by one.
FilterLogEvents: a page has up to 1 MB or 10,000 events; a token is there as long as there may be more, and a page
with a token may be empty.

Replaces in `ministack.services.cloudwatch_logs`: `_put_log_events`, `_filter_log_events`.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs

MOST_BYTES = 1_048_576
MOST_EVENTS = 10_000
BYTES_PER_EVENT = 26
DAY = 24 * 60 * 60_000
FUTURE = 2 * 60 * 60_000
PAST = 14 * DAY
# A request with names of streams has at most this many.
MOST_STREAMS = 100

_put, _filter = cloudwatch_logs._put_log_events, cloudwatch_logs._filter_log_events


def size(event: dict[str, Any]) -> int:
    return len(event.get("message", "").encode()) + BYTES_PER_EVENT


def _complaint(events: list[dict[str, Any]]) -> str | None:
    times = [event.get("timestamp", 0) for event in events]
    if not 1 <= len(events) <= MOST_EVENTS:
        return f"Member must have length between 1 and {MOST_EVENTS}"
    if any(not event.get("message") for event in events):
        return "Member must have length greater than or equal to 1"
    if sum(map(size, events)) > MOST_BYTES:
        return f"Upload too large: {sum(map(size, events))} bytes exceeds limit of {MOST_BYTES}"
    if times != sorted(times):
        return "Log events in a single PutLogEvents request must be in chronological order."
    if times[-1] - times[0] > DAY:
        return "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
    return None


def put_log_events(data: dict[str, Any]) -> Any:
    events = data.get("logEvents") or []
    if complaint := _complaint(events):
        return error_response_json("InvalidParameterException", complaint, 400)
    now = int(time.time() * 1_000)
    retention = cloudwatch_logs._log_groups.get(data.get("logGroupName"), {}).get("retentionInDays")
    oldest = now - min(PAST, int(retention) * DAY if retention else PAST)
    kept = [event for event in events if oldest <= event["timestamp"] <= now + FUTURE]
    status, headers, body = _put({**data, "logEvents": kept})
    if status >= 400 or len(kept) == len(events):
        return status, headers, body
    rejected = {
        "tooOldLogEventEndIndex": sum(event["timestamp"] < oldest for event in events),
        "tooNewLogEventStartIndex": sum(event["timestamp"] <= now + FUTURE for event in events),
    }
    return json_response({"rejectedLogEventsInfo": rejected})


def filter_log_events(data: dict[str, Any]) -> Any:
    names, prefix = data.get("logStreamNames") or [], data.get("logStreamNamePrefix")
    if len(names) > MOST_STREAMS:
        return error_response_json("InvalidParameterException", f"Member must have length less than or equal to {MOST_STREAMS}", 400)
    if names and prefix:
        return error_response_json("InvalidParameterException", "Cannot specify both log stream names and prefix.", 400)
    group = cloudwatch_logs._log_groups.get(data.get("logGroupName"))
    if group is not None and prefix:
        names = [name for name in group["streams"] if name.startswith(prefix)] or [""]
    start = int(data.get("nextToken") or 0)
    # MiniStack limits a page, so all events are asked for a page at a time and the first ones skipped.
    status, headers, body = _all({**data, "logStreamNames": names})
    if status >= 400:
        return status, headers, body
    events = json.loads(body)["events"]
    end, bytes_ = start, 0
    while end < len(events) and end - start < min(data.get("limit", MOST_EVENTS), MOST_EVENTS):
        bytes_ += size(events[end])
        if bytes_ > MOST_BYTES and end > start:
            break
        end += 1
    more = {"nextToken": str(end)} if end < len(events) else {}
    return json_response({"events": events[start:end], "searchedLogStreams": [], **more})


def _all(data: dict[str, Any]) -> Any:
    """All events of a request, which MiniStack returns up to the first 10,000 of a range of time."""
    found: dict[str, Any] = {}
    start = data.get("startTime")
    while True:
        status, headers, body = _filter({**data, "startTime": start, "limit": MOST_EVENTS, "nextToken": None})
        if status >= 400:
            return status, headers, body
        page = json.loads(body)["events"]
        before = len(found)
        found.update((event["eventId"], event) for event in page)
        if len(page) < MOST_EVENTS or len(found) == before:
            return json_response({"events": list(found.values())})
        start = page[-1]["timestamp"]


def install() -> None:
    cloudwatch_logs._put_log_events = put_log_events
    cloudwatch_logs._filter_log_events = filter_log_events
