"""Names that CloudFormation generates for resources without one.

The stack's name and the logical id share the space that twelve random characters and two dashes leave, each with at
least half of it; repeated dashes in the stack's name become one (aws-cloudformation/cloudformation-cli-java-plugin,
IdentifierUtils).

Replaces in `ministack.services.cloudformation.provisioners`: `_physical_name`.
"""

from __future__ import annotations

import hashlib
import re
import string

from ministack.services.cloudformation import _stacks, provisioners

RANDOM = 12
SHORTEST, SEPARATED_FROM = 15, 18
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits


def shared(room: int, wanted: list[int]) -> list[int]:
    """Distributes space: equal parts, until each part has what it needs."""
    got = [0] * len(wanted)
    while room > 0 and got != wanted:
        part = max(1, room // len(wanted))
        for index, want in enumerate(wanted):
            more = min(part, want - got[index], room)
            got[index] += more
            room -= more
    return got


def generated_name(stack_name: str, logical_id: str, random: str, longest: int) -> str:
    """The name of a resource, of at most this many characters."""
    if longest < SHORTEST:
        raise ValueError(f"Cannot generate resource IDs shorter than {SHORTEST} characters.")
    stack = re.sub("-{2,}", "-", stack_name.lstrip("-"))
    separator = "-" if longest >= SEPARATED_FROM else ""
    of_stack, of_id = shared(longest - RANDOM - 1 - len(separator), [len(stack), len(logical_id)])
    return f"{stack[:of_stack]}{separator}{logical_id[:of_id]}-{random}"


def physical_name(
    stack_name: str, logical_id: str, *, lowercase: bool = False, max_len: int = 128, seeded: bool = True
) -> str:
    """MiniStack's signature: the same name for the same resource of a stack, until it is replaced."""
    seed = provisioners._NAME_SEED.get() if seeded else ""
    stack = (_stacks.get(stack_name) or {}).get("StackId", stack_name)
    digest = hashlib.sha256(f"{stack}:{logical_id}:{seed}".encode()).digest()
    random = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:RANDOM])
    name = generated_name(stack_name, logical_id, random, max_len)
    return name.lower() if lowercase else name


def install() -> None:
    provisioners._physical_name = physical_name
