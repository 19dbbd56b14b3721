"""What the extension is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """All durations are seconds."""

    port: int
    """Port of every AWS API, on 127.0.0.1. 0: any that is free."""
    ready: int | None
    """File descriptor on which to say that it serves."""
    machines: str | None
    """Unix socket of the machines (`POST /state`). None: machines are simulated."""
    mail: Path | None
    """Folder for mail that SNS would send. None: mail is dropped."""
    faults: Path | None
    """JSON file of faults, read again at each tick."""
    records: Path | None
    """File of records that a person keeps with a DNS provider, read again at each tick. None: there are none."""
    calls: Path | None
    """File that lists the calls that were checked against policies, a JSON object a line. None: they are not listed."""
    tick: float
    """Time between two conversations with the machines."""
    boot: float
    """How long a simulated machine takes until it runs, and its targets until they are healthy after that."""
    grace_max: float
    """Upper bound of a group's health check grace period for machines that were healthy once."""
    alarm_max: float
    """How far an alarm looks back at most, how seldom it calls its policies, and how long a simple policy cools down."""
    credentials: float
    """How long the credentials of an instance's role last."""
    pace: float
    """How long each CloudFormation resource takes at least."""
    settle: float
    """How long a change takes until all of the cloud knows it."""
    stabilise: float
    """How long CloudFormation waits for a group to reach its size before it fails."""
    remember: float
    """How long a terminated instance can still be described."""

    @staticmethod
    def read(env: Mapping[str, str]) -> Settings:
        """Settings from `EMULATOR_*` variables; each has a default."""

        def seconds(name: str, default: float) -> float:
            return float(env.get(f"EMULATOR_{name}", "") or default)

        def path(name: str) -> Path | None:
            return Path(env[f"EMULATOR_{name}"]) if env.get(f"EMULATOR_{name}") else None

        return Settings(
            port=int(env.get("GATEWAY_PORT", "4566")),
            ready=int(env["EMULATOR_READY"]) if env.get("EMULATOR_READY") else None,
            machines=env.get("EMULATOR_MACHINES") or None,
            mail=path("MAIL"),
            faults=path("FAULTS"),
            records=path("RECORDS"),
            calls=path("CALLS"),
            tick=seconds("TICK", 0.5),
            boot=seconds("BOOT_SECONDS", 2),
            grace_max=seconds("GRACE_MAX", 60),
            alarm_max=seconds("ALARM_MAX", 30),
            credentials=seconds("CREDENTIAL_SECONDS", 6 * 3600),
            pace=seconds("PACE", 0),
            settle=seconds("SETTLE", 1),
            stabilise=seconds("STABILISE", 300),
            remember=seconds("REMEMBER", 60),
        )
