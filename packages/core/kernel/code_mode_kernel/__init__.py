"""The Python side of code-mode: a zygote that forks kernels, and the kernel that runs a session's code.

Standard library only, Python 3.10 or newer. `wire.py` opens with the protocol's rules.
"""
