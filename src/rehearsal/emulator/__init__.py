"""Adds what MiniStack lacks of EC2, Auto Scaling, load balancing and mail, inside its own process.

Everything here runs on MiniStack's event loop, one thing at a time: request handlers, and a tick that tells the
machines of the rehearsal what should exist and takes over what does. So no record needs a lock. The one exception
is the provisioning of a CloudFormation resource that has to wait, which `stacks.py` runs on a thread and which comes
back to the loop for every change it makes.

The private names of MiniStack that are replaced are listed at the head of each module with an `install()`. They
belong to release 1.5.33, which `requirements.txt` pins.
"""
