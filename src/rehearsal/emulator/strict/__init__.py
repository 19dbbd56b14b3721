"""Refusals of AWS that emulators lack: rights of CloudFormation, names, properties, limits.

Each rule has its source in `docs/fidelity.md`. If a module replaces private names of MiniStack, its docstring lists them.
"""
