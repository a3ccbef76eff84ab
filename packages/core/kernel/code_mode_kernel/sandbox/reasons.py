"""Why a layer is not there, and what to do about it."""

import errno
import os

_SWITCHES = (
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor keeps programs from making user namespaces (kernel.apparmor_restrict_unprivileged_userns=1). "
        "Give the Python interpreter an AppArmor profile with `userns,`, or set the switch to 0",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "this system keeps ordinary users from making user namespaces. Set kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "this system allows no user namespaces. Set user.max_user_namespaces above 0",
    ),
)


def why_no_namespaces(error: str) -> str:
    """The reason for which the namespaces could not be made, with `error` as the system told it."""
    for path, value, reason in _SWITCHES:
        if _read(path) == value:
            return f"{reason} ({error})"
    if os.strerror(errno.ENOSYS) in error:
        return f"they need Linux 5.12 ({error})"
    if "mount proc" in error:
        return f"a /proc that is covered in part, as in containers, keeps programs from mounting their own ({error})"
    if "unshare" not in error or os.strerror(errno.EPERM) not in error:
        return error
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return (
            f"the container's seccomp profile keeps programs from making namespaces ({error}). The container is the "
            "boundary then: give it no network and no mounts that the code must not see"
        )
    return f"this system does not let the process make namespaces ({error})"


def why_no_landlock() -> str:
    return "this Linux has no Landlock, or has it turned off: it needs Linux 5.13 and landlock in the boot option lsm="


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""
