"""Runs MiniStack with the extension, on 127.0.0.1 only, until its parent process ends.

The parent has the other end of standard input: when that closes, intentionally or because the parent has exited, this
process ends. Once it serves, it writes `{"port": …}` to the file descriptor in EMULATOR_READY. It exits with status
98 if its port is in use (the number of EADDRINUSE depends on the system).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from .settings import Settings

PORT_TAKEN = 98

logger = logging.getLogger("emulator")

Send = Callable[[dict[str, Any]], Awaitable[None]]


def listen(port: int) -> socket.socket:
    """The socket of all AWS APIs. Exits if the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(PORT_TAKEN)
        raise
    return listener


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Serves and ticks until it is stopped."""
    from hypercorn.asyncio import serve as hypercorn
    from hypercorn.config import Config
    from ministack.app import app

    from . import scope

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    scope.use_loop(loop)

    def outlive_nobody() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        loop.call_soon_threadsafe(stop.set)
        # Exit if the clean shutdown takes too long, because the parent no longer waits.
        time.sleep(5)
        end_children()
        os._exit(0)

    threading.Thread(target=outlive_nobody, daemon=True).start()

    async def secure(scope_: dict[str, Any], receive: Any, send: Send) -> None:
        if scope_["type"] == "lifespan":
            return await app(scope_, receive, _announce(send, settings.ready, listener))
        # Policies that deny plain HTTP are meant for networks, not for loopback.
        scope_["headers"] = [*scope_["headers"], (b"x-forwarded-proto", b"https")]
        await app(scope_, receive, send)

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    config.loglevel = "WARNING"
    ticking = asyncio.create_task(tick_for_ever(settings))
    try:
        await hypercorn(cast(Any, secure), config, shutdown_trigger=stop.wait)
    finally:
        ticking.cancel()


def _announce(send: Send, ready: int | None, listener: socket.socket) -> Send:
    async def announced(message: dict[str, Any]) -> None:
        await send(message)
        if message["type"] == "lifespan.startup.complete" and ready is not None:
            with os.fdopen(ready, "w") as parent:
                parent.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")

    return announced


async def tick_for_ever(settings: Settings) -> None:
    """The extension's ticks. A tick that fails is logged, and the next one runs."""
    from . import machines, simulation

    counterpart = machines.Socket(settings.machines) if settings.machines else simulation.Simulation(settings.boot)
    while True:
        try:
            await tick(settings, counterpart)
        except Exception:
            logger.exception("a tick of the extension failed")
        await asyncio.sleep(settings.tick)


async def tick(settings: Settings, counterpart: Any) -> None:
    """Compares the desired with the actual state and acts on the difference."""
    from ministack.services import autoscaling

    from . import (
        alarms,
        certificates,
        desired_state,
        dns_provider,
        faults,
        groups,
        instances,
        machines,
        mail,
        metric_data,
        refreshes,
        schedule,
        scope,
        simulation,
        spot,
    )

    faults.read(settings.faults)
    dns_provider.read(settings.records)
    certificates.tick()
    wanted = desired_state.build(settings.credentials)
    actual = await counterpart.answer(wanted)
    if actual is not None:
        machines.apply_actual(wanted, actual)
    for account, region in scope.scopes():
        mail.confirm_subscriptions()
        instances.forget(settings.remember)
        schedule.tick()
        spot.tick()
        if isinstance(counterpart, simulation.Simulation):
            counterpart.complete_launches()
        for group in list(autoscaling._asgs.values()):
            groups.reconcile(group, settings.grace_max)
            # Simulated machines have nothing to warm up.
            refreshes.step(group, math.inf if settings.machines else settings.boot)
        metric_data.publish(account, region, settings.alarm_max / 3)
        alarms.tick(settings.alarm_max)


def install(settings: Settings) -> None:
    """Installs the extension into MiniStack, in this process."""
    from . import (
        alarms,
        calls,
        certificates,
        functions,
        group_api,
        images,
        instance_api,
        inventory,
        logs,
        mail,
        math_alarms,
        metric_data,
        policies,
        refreshes,
        resources,
        rights,
        rule_targets,
        run_instances,
        scaling,
        schedule,
        secrets,
        security_groups,
        stacks,
        targets,
    )
    from .strict import (
        call_rights,
        consistency,
        dependencies,
        generated_names,
        limits,
        offerings,
        properties,
        quotas,
        service_linked_roles,
        stack_requests,
    )

    generated_names.install()
    limits.install()
    dependencies.install()
    offerings.install()
    quotas.install()
    service_linked_roles.install()
    instance_api.install(settings.consoles)
    images.install()
    run_instances.install()
    group_api.install(settings.grace_max)
    refreshes.install()
    targets.install()
    metric_data.install()
    math_alarms.install()
    alarms.install()
    scaling.install(settings.alarm_max)
    schedule.install()
    mail.install(settings.mail)
    rule_targets.install()
    certificates.install()
    resources.install()
    functions.install(settings.mail)
    logs.install()
    security_groups.install()
    secrets.install()
    inventory.install()
    policies.install()
    rights.install()
    calls.install(settings.calls)
    call_rights.install()
    stacks.install(settings)
    stack_requests.install()
    properties.install()
    # Wraps functions that the others replace.
    consistency.install(settings.settle)


def end_children() -> None:
    """Ends the processes of functions and waits for them: one that is starting does not notice that its input closed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def main() -> None:
    # A group of its own, so that this process can signal all of its children.
    os.setpgid(0, 0)
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "INFO"), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    settings = Settings.read(os.environ)
    listener = listen(settings.port)
    # MiniStack reads its port on import.
    os.environ["GATEWAY_PORT"] = str(listener.getsockname()[1])

    install(settings)
    try:
        asyncio.run(serve(settings, listener))
    finally:
        end_children()


if __name__ == "__main__":
    main()
