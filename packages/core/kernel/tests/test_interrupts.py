import threading
import unittest

from code_mode_kernel.interrupts import Interrupts, forget_thread, interrupt_thread


class InterruptThreadTest(unittest.TestCase):
    def test_a_thread_in_its_shield_is_interrupted_when_it_leaves(self):
        shield = Interrupts().shielded()
        entered, interrupted = threading.Event(), threading.Event()
        steps = []

        def work():
            try:
                with shield:
                    with shield:
                        entered.set()
                        interrupted.wait()
                        steps.append("inner")
                    steps.append("outer")
                steps.append("after")
            except KeyboardInterrupt:
                steps.append("interrupted")

        thread = threading.Thread(target=work)
        thread.start()
        entered.wait()
        interrupt_thread(thread.ident)
        interrupted.set()
        thread.join()
        self.assertEqual(steps, ["inner", "outer", "interrupted"])

    def test_a_thread_outside_of_it_is_interrupted_at_once(self):
        running, steps = threading.Event(), []

        def work():
            try:
                while True:
                    running.set()
            except KeyboardInterrupt:
                steps.append("interrupted")

        thread = threading.Thread(target=work)
        thread.start()
        running.wait()
        interrupt_thread(thread.ident)
        thread.join()
        self.assertEqual(steps, ["interrupted"])

    def test_a_thread_that_is_forgotten_takes_no_interrupt_meant_for_it(self):
        shield = Interrupts().shielded()
        entered, interrupted = threading.Event(), threading.Event()
        steps = []

        def work():
            with shield:
                entered.set()
                interrupted.wait()
                forget_thread(threading.get_ident())
            steps.append("after")

        thread = threading.Thread(target=work)
        thread.start()
        entered.wait()
        interrupt_thread(thread.ident)
        interrupted.set()
        thread.join()
        self.assertEqual(steps, ["after"])


if __name__ == "__main__":
    unittest.main()
