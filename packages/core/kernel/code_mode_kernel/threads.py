"""Which run a thread belongs to, so that what it prints or calls late never reaches a later run."""

import threading


class RunOwnership:
    """Remembers the run in which each thread was started.

    A pool's worker threads outlive the run that started them and serve whoever submits work, so they count as part of
    the current run.
    """

    def __init__(self) -> None:
        self.current: "str | None" = None
        self._patch_thread_start()

    def run_id(self) -> "str | None":
        """The run the calling thread works for."""
        if threading.get_ident() == self._main:
            return self.current
        return getattr(threading.current_thread(), "_code_mode_run", None) or self.current

    def _patch_thread_start(self) -> None:
        self._main = threading.main_thread().ident
        original = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            if not _is_pool_worker(thread):
                thread._code_mode_run = self.run_id()  # type: ignore[attr-defined]
            original(thread)

        threading.Thread.start = start  # type: ignore[method-assign]


def _is_pool_worker(thread: threading.Thread) -> bool:
    target = getattr(thread, "_target", None)
    return getattr(target, "__module__", None) == "concurrent.futures.thread"
