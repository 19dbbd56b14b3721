"""The exchange with the machines' daemon: posts the desired state, applies the actual state.

The machines listen on a Unix socket. Each tick is one `POST /state` with the desired state as JSON; the response is the
actual state (`emulated-state.ts` defines both). Any state that is kept between ticks is corrected by the next one, so
either side may restart. While there is no response, the actual state counts as unchanged.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import h11
from ministack.services import ec2

from . import images, instances, scope, targets

JsonObject = dict[str, Any]

logger = logging.getLogger("emulator")

# Responses take milliseconds; machines start and stop asynchronously.
ANSWER_SECONDS = 20


class Socket:
    """Machines behind a unix socket."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._silent = False

    async def answer(self, desired: JsonObject) -> JsonObject | None:
        """The actual state, or None while the daemon does not answer, which is logged once."""
        try:
            answer = await asyncio.wait_for(self._post("/state", json.dumps(desired).encode()), ANSWER_SECONDS)
            actual = json.loads(answer)
        except (TimeoutError, OSError, ValueError, h11.RemoteProtocolError) as error:
            if not self._silent:
                logger.warning("the machines do not answer on %s: %r; nothing changes until they do", self._path, error)
            self._silent = True
            return None
        if self._silent:
            logger.warning("the machines answer again")
        self._silent = False
        return actual

    async def _post(self, target: str, body: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self._path)
        try:
            connection = h11.Connection(h11.CLIENT)
            headers = [
                ("Host", "machines"),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
            ]
            for event in (
                h11.Request(method="POST", target=target, headers=headers),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                writer.write(connection.send(event) or b"")
            await writer.drain()
            return await _receive(connection, reader)
        finally:
            writer.close()


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    status, received = 0, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            received += event.data
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            if status != 200:
                raise ValueError(f"status {status}: {received[:500].decode(errors='replace')}")
            return bytes(received)


def apply_actual(desired: JsonObject, actual: JsonObject) -> None:
    """Updates every instance and image that was in the posted state. Later ones wait for the next tick."""
    asked = {instance["id"] for instance in desired["instances"]}
    for _ in scope.scopes():
        for instance_id, record in ec2._instances.items():
            if instance_id in asked:
                instances.settle(record, actual["machines"].get(instance_id))
        images.settle(actual["images"])
    targets.apply_health(actual["targets"])
