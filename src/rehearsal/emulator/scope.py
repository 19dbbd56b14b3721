"""Accounts, regions, and the event loop on which everything runs."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import alb, autoscaling, cloudwatch, ec2, sns

T = TypeVar("T")

_loop: asyncio.AbstractEventLoop | None = None


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    """The loop of request handlers and ticks."""
    global _loop
    _loop = loop


def on_loop(action: Callable[..., T], *args: Any) -> T:
    """Runs an action on the loop, and waits for it in a thread of MiniStack, with that thread's account and region."""
    if _loop is None:
        raise RuntimeError("the event loop has not started")
    context = contextvars.copy_context()

    async def act() -> T:
        return context.run(action, *args)

    return asyncio.run_coroutine_threadsafe(act(), _loop).result()


def scopes() -> Iterator[tuple[str, str]]:
    """Every account and region with resources that ticks handle; each is current while it is yielded."""
    found = {
        key[:2]
        for store in (ec2._instances, ec2._images, autoscaling._asgs, alb._lbs, sns._topics, cloudwatch._alarms)
        for key in list(store._data)
    }
    for account, region in sorted(found):
        with request_scope(account, region):
            yield account, region


def arn(service: str, resource: str) -> str:
    """An ARN in the current account and region."""
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{resource}"
