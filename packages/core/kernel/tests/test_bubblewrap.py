"""What bwrap is asked for. What it makes of that is tested from the host."""

import os
import sys
import tempfile
import unittest

from code_mode_kernel.sandbox.bubblewrap import SHARED_FOLDER, bwrap_arguments
from code_mode_kernel.sandbox.visible_paths import VisiblePaths


@unittest.skipUnless(sys.platform == "linux", "the sandbox takes Linux")
class TestBwrapArguments(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        os.makedirs(f"{self.folder}/readable/writable")
        os.symlink("readable", f"{self.folder}/link")
        paths = [f"{self.folder}/link"], [f"{self.folder}/readable/writable"]
        self.visible = VisiblePaths(*paths, False)

    def asked(self, network: bool = False, size_bytes: "int | None" = 7, files: "dict[str, int] | None" = None) -> str:
        return " ".join(bwrap_arguments(self.visible, network, size_bytes, files or {}))

    def test_everything_is_its_own_and_no_privilege_is_left(self) -> None:
        asked = self.asked()
        for option in ("user", "ipc", "pid", "uts", "net"):
            self.assertIn(f"--unshare-{option} ", asked)
        for option in ("--die-with-parent", "--new-session", "--cap-drop ALL", "--uid 1000 --gid 1000"):
            self.assertIn(option, asked)

    def test_the_network_is_left_when_it_was_asked_for(self) -> None:
        self.assertNotIn("--unshare-net", self.asked(network=True))

    def test_what_is_visible_is_read_only_but_for_what_is_writable(self) -> None:
        readable, asked = f"{self.folder}/readable", self.asked()
        self.assertIn(f"--ro-bind {readable} {readable} --bind {readable}/writable {readable}/writable", asked)
        self.assertIn(f"--symlink readable {self.folder}/link", asked)

    def test_of_proc_there_are_processes_alone(self) -> None:
        asked = self.asked()
        self.assertIn("--proc /proc --", asked)
        self.assertIn("--tmpfs /proc/sys --remount-ro /proc/sys", asked)
        self.assertIn("--ro-bind /dev/null /proc/cmdline", asked)
        self.assertNotIn(f" /proc/{os.getpid()}", asked)
        self.assertNotIn(" /proc/self ", asked)

    def test_a_file_of_ours_does_not_replace_one_that_is_visible(self) -> None:
        asked = self.asked(files={"/etc/passwd": 5, f"{self.folder}/readable/file": 6})
        self.assertIn("--file 5 /etc/passwd", asked)
        self.assertNotIn("--file 6", asked)

    def test_the_folder_of_the_kernels_covers_what_the_host_has_there(self) -> None:
        end = f"--tmpfs {SHARED_FOLDER} --dir {SHARED_FOLDER}/shm --remount-ro /"
        self.assertTrue(self.asked().endswith(f"--size 7 {end}"))
        self.assertNotIn("--size", self.asked(size_bytes=None))


if __name__ == "__main__":
    unittest.main()
