"""The seccomp filter: a program that the system runs on every system call of a kernel and of what it starts.

It denies what no Python program needs and what carried the escapes of the past: new namespaces, mounts, a look into
other processes, loading code into the system, io_uring, and every kind of socket but those that are allowed.
"""

import ctypes
import errno
import os
import socket
import struct

from .system_calls import system_call

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_FAIL = 0x00050000

_IS_AVAILABLE = 2
_NUMBER, _ARCHITECTURE = 0, 4
_FIRST_ARGUMENT, _SECOND_ARGUMENT = 16, 24

#: Calls from here on are newer than this list.
_FIRST_UNKNOWN = 463
#: Numbers of the x32 ABI, a second way to every call.
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020000
#: Input faked for a terminal, and for a console.
_FAKED_INPUT = (0x5412, 0x541C)

#: machine -> (audit architecture, numbers: clone, socket, socketpair, ioctl)
_MACHINES = {
    "x86_64": (0xC000003E, (56, 41, 53, 16)),
    "aarch64": (0xC00000B7, (220, 198, 199, 29)),
}
_CLONE3 = 435

#: name -> its number on x86_64 and on aarch64; one number where both have the same; None where there is none.
_DENIED: "dict[str, int | tuple[int | None, int | None]]" = {
    # Other processes: their memory, their descriptors, their threads.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": 440,
    "process_mrelease": 448,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
    "pidfd_send_signal": 424,
    "kcmp": (312, 272),
    # Namespaces, mounts and roots. `clone` is looked at by its flags.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
    "statmount": 457,
    "listmount": 458,
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # Large parts of the system that few programs use, and many escapes.
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "vmsplice": (278, 75),
    "memfd_secret": 447,
    "execveat": (322, 281),
    "lsm_set_self_attr": 460,
    # Where memory is placed, also that of others.
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": 450,
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # What only an administrator does.
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "syslog": (103, 116),
    "personality": (135, 92),
    "quotactl": (179, 60),
    "quotactl_fd": 443,
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    "vhangup": (153, 58),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "lookup_dcookie": (212, 18),
    # Only on x86: segments, ports, and what was replaced long ago.
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "_sysctl": (156, None),
    "create_module": (174, None),
    "get_kernel_syms": (177, None),
    "query_module": (178, None),
    "nfsservctl": (180, None),
}


class SeccompFilter:
    """The filter, ready to be installed. `network`: whether sockets of the internet protocols may be made.

    `meets_host`: whether a Unix socket could reach the host's services. Then there is none but both ends of a stream.
    """

    def __init__(self, network: bool, meets_host: bool = False) -> None:
        program = _program(os.uname().machine, network, meets_host)
        self._code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
        self._program = struct.pack("HP", len(program), ctypes.addressof(self._code))

    def install(self) -> None:
        """Confine this process from here on. No new privileges must be set before."""
        system_call("seccomp", 1, 0, self._program)


def why_unsupported() -> "str | None":
    """Why this system has no filter for us."""
    machine = os.uname().machine
    if machine not in _MACHINES or ctypes.sizeof(ctypes.c_void_p) != 8:
        return f"there is no filter for processors of the kind {machine} yet; x86_64 and aarch64 have one"
    try:
        system_call("seccomp", _IS_AVAILABLE, 0, struct.pack("I", _FAIL))
    except OSError:
        return "this Linux was built without seccomp filters"
    return None


def _program(machine: str, network: bool, meets_host: bool) -> "list[tuple[int, int, int, int]]":
    architecture, (clone, make_socket, socketpair, ioctl) = _MACHINES[machine]
    # A call of another architecture has other numbers: it would pass the filter as something else.
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    if machine == "x86_64":
        program += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    # libc takes another way for a call that does not exist; one that is denied it reports.
    program += [(_AT_LEAST, 0, 1, _FIRST_UNKNOWN), _fail(errno.ENOSYS)]
    program += _when(_CLONE3, [_fail(errno.ENOSYS)])
    for number in _denied_numbers(machine):
        program += _when(number, [_fail(errno.EPERM)])
    program += _when(clone, [(_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 0, 1, _NEW_NAMESPACES), _fail(errno.EPERM), _allow()])
    program += _when(ioctl, [(_LOAD, 0, 0, _SECOND_ARGUMENT), *_each(_FAKED_INPUT, _fail(errno.EPERM)), _allow()])
    program += _when(make_socket, _families(network, _fail(errno.EPERM) if meets_host else _allow()))
    program += _when(socketpair, [*(_NO_DATAGRAMS if meets_host else []), *_families(False, _allow())])
    return [*program, _allow()]


def _denied_numbers(machine: str) -> "list[int]":
    column = list(_MACHINES).index(machine)
    numbers = [number if isinstance(number, int) else number[column] for number in _DENIED.values()]
    return [number for number in numbers if number is not None]


def _families(network: bool, unix: "tuple[int, int, int, int]") -> "list[tuple[int, int, int, int]]":
    internet = _allow() if network else _fail(errno.ENETUNREACH)
    return [
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *_each((socket.AF_UNIX,), unix),
        *_each((socket.AF_INET, socket.AF_INET6), internet),
        _fail(errno.EAFNOSUPPORT),
    ]


def _when(number: int, steps: "list[tuple[int, int, int, int]]") -> "list[tuple[int, int, int, int]]":
    """`steps` for one call; they must not go on to what follows, because they may load something else."""
    return [(_EQUAL, 0, len(steps), number), *steps]


def _each(values: "tuple[int, ...]", step: "tuple[int, int, int, int]") -> "list[tuple[int, int, int, int]]":
    return [part for value in values for part in ((_EQUAL, 0, 1, int(value)), step)]


def _fail(number: int) -> "tuple[int, int, int, int]":
    return (_RETURN, 0, 0, _FAIL | number)


def _allow() -> "tuple[int, int, int, int]":
    return (_RETURN, 0, 0, _ALLOW)


#: One that is connected can send to others still. The type has flags above its four bits.
_NO_DATAGRAMS = [(_LOAD, 0, 0, _SECOND_ARGUMENT), (_AND, 0, 0, 0xF), *_each((socket.SOCK_DGRAM,), _fail(errno.EPERM))]
