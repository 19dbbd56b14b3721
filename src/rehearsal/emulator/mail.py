"""Mail that SNS sends to `email` subscriptions: one JSON file each, `{to, subject, body, time, topic}`.

No mail host accepts mail for the domains of `UNDELIVERABLE`. SNS counts such messages in CloudWatch.

Replaces in `ministack.services`: `sns._fanout`, which drops mail.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ministack.core.responses import get_region
from ministack.services import cloudwatch, sns

from .activities import now
from .alarm_mail import alarm_text

_fanout = sns._fanout
_folder: Path | None = None
_sent = 0

# SNS's default subject.
SUBJECT = "AWS Notification Message"
# RFC 2606: no such domain exists.
UNDELIVERABLE = ".invalid"


def fanout(
    topic_arn: str,
    message_id: str,
    message: str,
    subject: str,
    message_structure: str = "",
    message_attributes: dict[str, Any] | None = None,
    **rest: Any,
) -> None:
    """SNS delivers a message: to MiniStack's receivers, and to mailboxes."""
    _fanout(topic_arn, message_id, message, subject, message_structure, message_attributes, **rest)
    topic = sns._topic_by_arn_any_scope(topic_arn)
    for subscription in (topic or {}).get("subscriptions", []):
        if subscription["protocol"] not in ("email", "email-json") or not subscription.get("confirmed"):
            continue
        text = sns._resolve_message_for_protocol(message, message_structure, subscription["protocol"])
        if not sns._matches_filter_policy(subscription, message_attributes or {}, text):
            continue
        if subscription["endpoint"].endswith(UNDELIVERABLE):
            name = topic_arn.rpartition(":")[2]
            cloudwatch.record_metric("AWS/SNS", "NumberOfNotificationsFailed", 1, dimensions={"TopicName": name})
        else:
            send(
                subscription["endpoint"],
                subject or SUBJECT,
                f"{alarm_text(text) or text}\n\n{_footer(subscription)}",
                topic_arn,
            )


def _footer(subscription: dict[str, Any]) -> str:
    return (
        "--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n"
        f"https://sns.{get_region()}.amazonaws.com/unsubscribe.html?SubscriptionArn={subscription['arn']}&Endpoint={subscription['endpoint']}"
    )


def confirm_subscriptions() -> None:
    """Writes the confirmation mail of a new email subscription, which counts as confirmed from then on."""
    for topic in sns._topics.values():
        for subscription in topic["subscriptions"]:
            if subscription["protocol"].startswith("email") and not subscription.get("_asked"):
                subscription["_asked"] = True
                body = (
                    f"You have chosen to subscribe to the topic:\n{topic['arn']}\n\n"
                    "To confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n"
                    f"Confirm subscription: https://sns.{get_region()}.amazonaws.com/confirmation.html?TopicArn={topic['arn']}"
                )
                send(subscription["endpoint"], "AWS Notification - Subscription Confirmation", body, topic["arn"])


def send(to: str, subject: str, body: str, topic: str) -> None:
    """Writes a mail into the folder, atomically, under a name that sorts by time."""
    global _sent
    if _folder is None:
        return
    _sent += 1
    _folder.mkdir(parents=True, exist_ok=True)
    name = f"{now().replace(':', '')}-{_sent:04d}.json"
    draft = _folder / f".{name}"
    draft.write_text(json.dumps({"to": to, "subject": subject, "body": body, "time": now(), "topic": topic}, indent=2))
    draft.rename(_folder / name)


def install(folder: Path | None) -> None:
    global _folder
    _folder = folder
    sns._fanout = fanout
