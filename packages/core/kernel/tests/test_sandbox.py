"""The parts of the sandbox that can be looked at without entering it. What it holds is tested from the host."""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from code_mode_kernel.sandbox import seccomp_filter
from code_mode_kernel.sandbox.idle_program import idle_program
from code_mode_kernel.sandbox.privileges import forbid_new_privileges
from code_mode_kernel.sandbox.reasons import why_no_namespaces
from code_mode_kernel.sandbox.seccomp_filter import SeccompFilter
from code_mode_kernel.sandbox.visible_paths import VisiblePaths


@unittest.skipUnless(sys.platform == "linux", "the sandbox takes Linux")
class TestVisiblePaths(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        os.makedirs(f"{self.folder}/real/inside")

    def test_python_is_seen(self) -> None:
        visible = VisiblePaths([], [], False)
        for path in (sys.executable, sys.prefix, sys.base_prefix, os.__file__):
            real = os.path.realpath(path)
            self.assertTrue(any(real.startswith(known) for known in visible.readable), real)

    def test_people_are_not(self) -> None:
        visible = VisiblePaths([], [], False)
        for path in ("/", "/etc", "/home", "/var", "/etc/passwd", "/etc/resolv.conf", "/proc", "/dev"):
            self.assertNotIn(path, visible.readable)

    def test_a_path_through_a_link_is_found_by_both_names(self) -> None:
        os.symlink("real", f"{self.folder}/link")
        visible = VisiblePaths([f"{self.folder}/link/inside"], [], False)
        self.assertEqual(visible.links[f"{self.folder}/link"], "real")
        self.assertIn(f"{self.folder}/real/inside", visible.readable)
        self.assertNotIn(f"{self.folder}/link/inside", visible.readable)

    def test_what_is_in_a_seen_folder_is_not_listed_again(self) -> None:
        visible = VisiblePaths([f"{self.folder}/real", f"{self.folder}/real/inside"], [], False)
        self.assertIn(f"{self.folder}/real", visible.readable)
        self.assertNotIn(f"{self.folder}/real/inside", visible.readable)

    def test_a_writable_folder_in_a_readable_one(self) -> None:
        visible = VisiblePaths([f"{self.folder}/real"], [f"{self.folder}/real/inside"], False)
        self.assertEqual(visible.writable, [f"{self.folder}/real/inside"])
        self.assertTrue({f"{self.folder}/real", f"{self.folder}/real/inside"} <= set(visible.private))

    def test_what_is_not_there_and_the_whole_system_are_left_out(self) -> None:
        visible = VisiblePaths([f"{self.folder}/nothing", "/"], [], False)
        self.assertFalse({f"{self.folder}/nothing", "/"} & set(visible.readable))

    def test_the_network_takes_its_settings(self) -> None:
        seen = VisiblePaths([], [], True)
        self.assertTrue("/etc/hosts" in seen.readable or "/etc/hosts" in seen.links)


@unittest.skipUnless(sys.platform == "linux", "the sandbox takes Linux")
class TestSeccompFilter(unittest.TestCase):
    def test_programs_are_within_the_limits_of_the_system(self) -> None:
        for machine in seccomp_filter._MACHINES:
            for network, meets_host in ((False, False), (True, False), (False, True)):
                program = seccomp_filter._program(machine, network, meets_host)
                self.assertLess(len(program), 4096)
                for index, (_, if_true, if_false, _) in enumerate(program[:-1]):
                    self.assertLess(max(if_true, if_false), 256)
                    self.assertLess(index + 1 + max(if_true, if_false), len(program))

    def test_sockets(self) -> None:
        families = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
        for network, expected in (
            (False, [0, errno.ENETUNREACH, errno.ENETUNREACH, errno.EAFNOSUPPORT]),
            (True, [0, 0, 0, errno.EAFNOSUPPORT]),
        ):
            self.assertEqual(self.confined(network, lambda: [make_socket(family) for family in families]), expected)

    def test_where_a_unix_socket_could_reach_the_host_there_are_streams_of_two_ends_alone(self) -> None:
        def act() -> "list[int]":
            kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)
            return [make_socket(socket.AF_UNIX), make_socket(socket.AF_INET), *map(make_pair, kinds)]

        self.assertEqual(self.confined(False, act, True), [errno.EPERM, errno.ENETUNREACH, 0, errno.EPERM, 0])
        self.assertEqual(self.confined(False, act), [0, errno.ENETUNREACH, 0, 0, 0])

    def test_every_denied_call_of_this_machine(self) -> None:
        numbers = seccomp_filter._denied_numbers(os.uname().machine)
        self.assertEqual(self.confined(False, lambda: [errno_of(number) for number in numbers]), [errno.EPERM] * len(numbers))

    def test_what_is_newer_does_not_exist(self) -> None:
        self.assertEqual(self.confined(False, lambda: [errno_of(435), errno_of(463), errno_of(600)]), [errno.ENOSYS] * 3)

    def confined(self, network: bool, act: object, meets_host: bool = False) -> "list[int]":
        read, write = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                forbid_new_privileges()
                SeccompFilter(network, meets_host).install()
                os.write(write, bytes(act()))  # type: ignore[operator]
            finally:
                os._exit(0)
        os.close(write)
        with open(read, "rb") as file:
            seen = list(file.read())
        os.waitpid(pid, 0)
        return seen


@unittest.skipUnless(sys.platform == "linux", "the sandbox takes Linux")
class TestIdleProgram(unittest.TestCase):
    def test_it_runs_until_it_is_killed(self) -> None:
        program = idle_program()
        self.assertIsNotNone(program)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "idle")
            with open(path, "wb") as file:
                file.write(program or b"")
            os.chmod(path, 0o700)
            process = subprocess.Popen([path])
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(0.1)
            process.kill()
            self.assertEqual(process.wait(), -signal.SIGKILL)


class TestReasons(unittest.TestCase):
    def test_an_old_linux(self) -> None:
        error = "OSError: [Errno 38] mount_setattr: Function not implemented"
        self.assertTrue(why_no_namespaces(error).endswith(f"({error})"))

    def test_what_is_no_refusal_is_told_as_it_is(self) -> None:
        self.assertEqual(why_no_namespaces("OSError: [Errno 12] fork"), "OSError: [Errno 12] fork")


def make_socket(family: int) -> int:
    try:
        socket.socket(family, socket.SOCK_RAW if family == socket.AF_NETLINK else socket.SOCK_STREAM).close()
    except OSError as error:
        return error.errno or 0
    return 0


def make_pair(kind: int) -> int:
    try:
        for end in socket.socketpair(socket.AF_UNIX, kind):
            end.close()
    except OSError as error:
        return error.errno or 0
    return 0


def errno_of(number: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
    return ctypes.get_errno()


if __name__ == "__main__":
    unittest.main()
