"""Settings of the extension, from environment variables."""

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
    """File descriptor for the ready message."""
    machines: str | None
    """Unix socket of the machines (`POST /state`). None: machines are simulated."""
    mail: Path | None
    """Folder for mail that SNS would send. None: mail is dropped."""
    consoles: Path | None
    """Folder with the consoles of machines, `ID.log`. None: they are empty."""
    faults: Path | None
    """JSON file of faults, read again at each tick."""
    records: Path | None
    """File with the records of the user's DNS provider, read again at each tick. None: there are none."""
    calls: Path | None
    """File in which calls that were checked against policies are logged, each once, one JSON object per line. None: no log."""
    tick: float
    """Time between two ticks."""
    boot: float
    """Time until a simulated machine runs, and again until its targets are healthy."""
    grace_max: float
    """Upper bound of a group's health check grace period for machines that were healthy once."""
    alarm_max: float
    """Limit of an alarm's window, of the interval of its policies, and of a simple policy's cooldown."""
    credentials: float
    """Lifetime of the credentials of an instance's role."""
    pace: float
    """Minimum duration of each CloudFormation resource operation."""
    settle: float
    """Time until a change is visible everywhere."""
    stabilise: float
    """Timeout of CloudFormation for a group to reach its size."""
    remember: float
    """Time for which a terminated instance can still be described."""

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
            consoles=path("CONSOLES"),
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
