"""What holds a kernel in on Linux: namespaces, a root of its own, no privileges, Landlock and seccomp."""
