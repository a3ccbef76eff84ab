"""A rehearsal leaves the process as it was."""

import os
import signal
import sys
import threading
import unittest

from code_mode_kernel.rehearsal import rehearse


class RehearsalTest(unittest.TestCase):
    def test_leaves_no_trace(self) -> None:
        def state() -> list:
            return [
                *(sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__),
                *(sys.modules["__main__"], threading.Thread.start, signal.getsignal(signal.SIGINT)),
                *(sorted(os.listdir("/proc/self/fd")), threading.active_count(), os.getcwd(), dict(os.environ)),
            ]

        rehearse()  # what it imports stays
        before = state()
        rehearse()
        self.assertEqual(before, state())

    def test_a_thread_started_afterwards_belongs_to_no_run_of_it(self) -> None:
        rehearse()
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        self.assertFalse(hasattr(thread, "_code_mode_run"))


if __name__ == "__main__":
    unittest.main()
