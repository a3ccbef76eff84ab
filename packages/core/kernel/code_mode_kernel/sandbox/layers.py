"""The layers of the sandbox, in the order in which they are reported."""

LAYERS = (
    *("user", "namespaces", "files", "network", "capabilities", "noNewPrivileges"),
    *("landlock", "seccomp", "descriptors"),
)
