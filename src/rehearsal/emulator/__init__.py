"""Adds what MiniStack lacks of EC2, Auto Scaling, load balancing and mail, inside its own process.

Everything here runs on MiniStack's event loop, one task at a time: request handlers, and a tick that posts the
desired state to the rehearsal's machines and applies their actual state. So no record needs a lock. The only
exception is the provisioning of a CloudFormation resource that has to wait, which `stacks.py` runs on a thread; the
thread makes all its changes on the loop.

The private names of MiniStack that are replaced are listed at the head of each module with an `install()`. They
belong to release 1.5.33, which `requirements.txt` pins.
"""
