"""What AWS refuses and an emulator would allow: rights of CloudFormation, names, properties, limits.

Each rule has its source in `docs/fidelity.md`. Where a module replaces private names of MiniStack, its head lists them.
"""
