"""Landlock: the folders a process may read and write, told to the system for good."""

import os
import stat
import struct

from .system_calls import system_call

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_FOLDER = 1 << 3
_MAKE_CHARACTER_DEVICE = 1 << 6
_MAKE_BLOCK_DEVICE = 1 << 11
_IOCTL_DEVICE = 1 << 15

_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | _IOCTL_DEVICE
#: ABI -> how many rights over files there are.
_FILE_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_TCP = 0b11
_CONNECT_TCP = 1 << 1
_ALL_SCOPES = 0b11
_RULE_PATH_BENEATH = 1
_RULE_PORT = 2
_GET_ABI = 1


def landlock_abi() -> int:
    """The version of Landlock here; 0 without."""
    try:
        return system_call("landlock_create_ruleset", None, 0, _GET_ABI)
    except OSError:
        return 0


class Landlock:
    """A set of rules. `network`: whether TCP stays allowed."""

    def __init__(self, network: bool) -> None:
        abi = landlock_abi()
        self._rights = (1 << _FILE_RIGHTS_BY_ABI.get(abi, 16)) - 1
        self._tcp = 0 if network or abi < 4 else _ALL_TCP
        attributes = struct.pack("QQQ", self._rights, self._tcp, _ALL_SCOPES if abi >= 6 else 0)
        # Older systems refuse fields that they do not know.
        size = 24 if abi >= 6 else 16 if abi >= 4 else 8
        self._rules = system_call("landlock_create_ruleset", attributes, size, 0)

    def allow_reading(self, path: str) -> None:
        self._allow(path, _READ)

    def allow_devices(self, folder: str) -> None:
        """Let what is in a folder of devices be used, not changed."""
        self._allow(folder, _READ_FILE | _READ_FOLDER | _WRITE_FILE | _IOCTL_DEVICE)

    def allow_writing(self, path: str) -> None:
        """Let everything be done with the files below, but make no devices."""
        self._allow(path, ~(_MAKE_CHARACTER_DEVICE | _MAKE_BLOCK_DEVICE))

    def allow_connecting(self, port: int) -> None:
        """Let TCP connect to one port."""
        if self._tcp:
            rule = struct.pack("=QQ", _CONNECT_TCP, port)
            system_call("landlock_add_rule", self._rules, _RULE_PORT, rule, 0)

    def enforce(self) -> None:
        """Confine this process from here on. No new privileges must be set before."""
        system_call("landlock_restrict_self", self._rules, 0)
        os.close(self._rules)

    def _allow(self, path: str, rights: int) -> None:
        try:
            target = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return  # What is not there needs no rule.
        try:
            if not stat.S_ISDIR(os.fstat(target).st_mode):
                rights &= _FILE_RIGHTS
            rule = struct.pack("=Qi", rights & self._rights, target)
            system_call("landlock_add_rule", self._rules, _RULE_PATH_BENEATH, rule, 0)
        finally:
            os.close(target)
