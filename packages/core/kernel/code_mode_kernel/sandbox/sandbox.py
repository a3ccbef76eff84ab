"""The sandbox of a zygote's kernels: what it is made of here, and how a kernel enters it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import tempfile

from ..processes import die_with_parent
from .bubblewrap import SHARED_FOLDER, become_keeper_of_bwrap, confirm
from .keeper import become_confined_zygote
from .landlock import Landlock, landlock_abi
from .layers import LAYERS
from .nest import PRIVATE_BYTES, Nest
from .observation import observe, outside
from .privileges import (
    INSIDE_ID,
    UNPRIVILEGED_ID,
    become_unprivileged,
    close_descriptors,
    drop_capabilities,
    enter_user_namespace,
    forbid_new_privileges,
    is_root,
    lock_privileges,
    set_dumpable,
)
from .reasons import why_no_landlock, why_no_namespaces
from .relay import proxy_variables, start_relay
from .root_tree import DEVICES, PRIVATE_FOLDER
from .seccomp_filter import SeccompFilter, why_unsupported
from .visible_paths import VisiblePaths


class Sandbox:
    """Made once in the zygote, used by every kernel."""

    def __init__(self, plan: dict) -> None:
        """`plan` is JSON, so that a kernel which is no copy of its zygote can make the same again."""
        self.plan = plan
        #: layer -> why it is not there
        self.missing: dict[str, str] = plan["missing"]
        self._filter = self._make_filter()
        #: Where the kernel's programs find the proxy; 0 without.
        self._proxy_port = 0
        self._own_processes = -1

    @classmethod
    def start(cls, zygote: dict, folder: str) -> Sandbox:
        """Confine this zygote as far as its work allows. Returns in the process that is to be the zygote.

        `folder`: one of its own. `zygote`: its options. Those of `sandbox`: `network` (whether it stays), `listed`
        (whether kernels may reach what the host allows), `readable` and `writable` (paths), `bwrap` (its path or None),
        in a container `outside` (what the host is), `withoutNests` (why there can be none) and `privateBytes`, and in
        bwrap `wrapper` (what it has of its keeper).
        """
        options = zygote["sandbox"]
        wrapper = options.get("wrapper")
        visible = VisiblePaths(options["readable"], options["writable"], options["network"])
        sandbox = cls(
            {
                "confines": True,
                "nested": wrapper is None,
                "meetsHost": False,
                "wrapped": wrapper is not None,
                "dropsRoot": is_root(),
                "missing": _missing_from_the_start(options["network"]),
                "network": options["network"],
                "listed": options.get("listed", False),
                "readable": visible.readable,
                "writable": visible.writable,
                "private": visible.private,
                "outside": options.get("outside") or outside(),
                "privateBytes": options.get("privateBytes", PRIVATE_BYTES),
                "socket": os.open(zygote["socket"], os.O_PATH),
                "hostProcesses": wrapper["hostProcesses"] if wrapper else os.open("/proc", os.O_PATH),
            }
        )
        if is_root():
            os.chown(zygote["socket"], UNPRIVILEGED_ID, UNPRIVILEGED_ID)
        reason = options.get("withoutNests")
        if wrapper:
            sandbox._check_in(folder)
            confirm(wrapper)
        elif reason is None:
            error = become_confined_zygote(folder, visible, options["network"], sandbox._check)
            reason = error and become_keeper_of_bwrap(zygote, folder, visible, why_no_namespaces(error))
        if reason is not None:
            if not wrapper:
                sandbox._do_without_namespaces(reason, folder, "outside" in options)
            if "outside" in options:
                sandbox.missing["sessions"] = reason
            # Kernels may be the same user: none of them looks into the zygote.
            set_dumpable(False)
        return sandbox

    @property
    def nested(self) -> bool:
        """Whether kernels have namespaces of their own; if not, the host makes their private folders."""
        return self.plan["nested"]

    @property
    def folders(self) -> dict[str, str]:
        """Where kernels have their private folders, if the host does not make them."""
        if self.nested:
            return {"privateFolder": f"{PRIVATE_FOLDER}/work"}
        return {"sharedFolder": SHARED_FOLDER} if self.plan["wrapped"] else {}

    @property
    def socket_path(self) -> str:
        """The host's socket, from within as well."""
        return f"/proc/self/fd/{self.plan['socket']}"

    @property
    def descriptors(self) -> list[int]:
        """Those that a kernel needs to get into its nest."""
        return [self.plan["socket"], self.plan["hostProcesses"]]

    def make_nest(self) -> Nest | None:
        """For the zygote: the namespaces of the next kernel."""
        if not self.nested:
            return None
        if self._own_processes < 0:
            self._own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY)
        visible = self.plan["readable"] + self.plan["writable"]
        network, listed = self.plan["network"], self.plan["listed"]
        return Nest.make(self._own_processes, network, listed, visible, self.plan["privateBytes"])

    def inside(self, nest: Nest | None) -> contextlib.AbstractContextManager[None]:
        """A context for the zygote in which what it starts is a process of the nest."""
        return contextlib.nullcontext() if nest is None else nest.processes(self._own_processes)

    def host_pid(self) -> int:
        """The id of this process as the host knows it."""
        return int(os.readlink("self", dir_fd=self.plan["hostProcesses"]))

    @property
    def confines_early(self) -> bool:
        """Whether a kernel can be confined before it is known whose it is: it needs nothing of the host but the socket."""
        return self.nested and not self.plan["listed"]

    def enter(self, nest: Nest | None, folder: str, hello: dict | None) -> None:
        """For a kernel: leave the system behind, and every privilege. `folder` is its private one, without a nest.

        With `hello` the host knows it again when its programs ask for a connection.
        """
        if not self.plan["confines"]:
            return
        if nest is not None:
            nest.enter(self.plan["network"])
            if self.plan["listed"] and hello is not None:
                self._proxy_port = start_relay(self.plan["socket"], hello, self.missing)
            enter_user_namespace(INSIDE_ID)
            lock_privileges()
        elif self.plan["dropsRoot"]:
            parent = os.getppid()
            os.chown(folder, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
            lock_privileges()
            become_unprivileged()
            die_with_parent(parent)  # the change of ids cancelled it
        drop_capabilities()
        forbid_new_privileges()

    @property
    def variables(self) -> dict[str, str]:
        """What the sandbox adds to the environment."""
        return proxy_variables(self._proxy_port) if self._proxy_port else {}

    def seal(self, folder: str) -> None:
        """For a kernel, before the model's code: what it may touch from here on."""
        if not self.plan["confines"]:
            return
        if "landlock" not in self.missing:
            self._rules(folder).enforce()
        set_dumpable(False)
        if self._filter is not None:
            self._filter.install()

    def close_descriptors(self, keep: int) -> None:
        """For a kernel, before the model's code: of the descriptors one stays."""
        if self.plan["confines"]:
            close_descriptors(3, keep)

    def observe(self, folder: str, descriptor: int) -> dict[str, str]:
        """What holds this process in: the layers, each with what was seen."""
        return observe(self.plan["outside"], folder, descriptor, self.plan["network"])

    def _make_filter(self) -> SeccompFilter | None:
        network = self.plan["network"] or self.plan["listed"]
        return None if "seccomp" in self.missing else SeccompFilter(network, self.plan["meetsHost"])

    def _rules(self, folder: str) -> Landlock:
        rules = Landlock(self.plan["network"])
        if self._proxy_port:
            rules.allow_connecting(self._proxy_port)
        if self.nested:
            rules.allow_reading("/")
            rules.allow_devices("/dev")
            rules.allow_writing(PRIVATE_FOLDER)
        else:
            for path in (*self.plan["readable"], "/proc"):
                rules.allow_reading(path)
            for name in DEVICES:
                rules.allow_devices(f"/dev/{name}")
            for path in (folder, "/dev/shm"):
                rules.allow_writing(path)
        for path in self.plan["writable"]:
            rules.allow_writing(path)
        return rules

    def _do_without_namespaces(self, reason: str, folder: str, contained: bool) -> None:
        # The host refuses to go on with a list; should it not, there is no network.
        self.plan.update(nested=False, listed=False, meetsHost=not (contained or self.plan["network"]))
        self._filter = self._make_filter()
        self.missing.update(user=reason, namespaces=reason, files=reason)
        roots_own = [path for path in self.plan["writable"] if os.stat(path).st_uid == 0]
        if self.plan["dropsRoot"] and roots_own:
            self.plan["dropsRoot"] = False
            self.missing["user"] = f"{roots_own[0]} belongs to root: give it to another user (chown)"
        if self.plan["dropsRoot"]:
            os.chmod(folder, 0o711)
        try:
            try:
                self._check_in(folder)
            except OSError as error:
                if not self.plan["dropsRoot"]:
                    raise
                self.plan["dropsRoot"] = False
                self.missing["user"] = str(error)
                self._check_in(folder)
        except OSError as error:
            self.plan["confines"] = False
            for layer in LAYERS:
                self.missing.setdefault(layer, str(error))

    def _check_in(self, folder: str) -> None:
        with tempfile.TemporaryDirectory(dir=folder) as trial:
            self._check(trial)

    def _check(self, folder: str = f"{PRIVATE_FOLDER}/work") -> None:
        """Confine a process as a kernel is, and see what holds. Raises OSError when a layer does not that should."""
        seen = self._try_out(folder)
        wrong = [layer for layer in LAYERS if layer not in seen and layer not in self.missing]
        if wrong:
            raise OSError(f"on trial a process was not held by {', '.join(wrong)}")
        for layer in seen:
            self.missing.pop(layer, None)

    def _try_out(self, folder: str) -> dict[str, str]:
        news, tell = os.pipe()
        nest = self.make_nest()
        with self.inside(nest):
            pid = os.fork()
            if not pid:
                self._confine_and_tell(nest, folder, tell)
        os.close(tell)
        with open(news, "rb") as file:
            said = json.loads(file.read() or '{"error": "a process that was confined on trial ended"}')
        os.waitpid(pid, 0)
        if nest is not None:
            nest.let_go()
            os.kill(nest.pid, signal.SIGKILL)
            os.waitpid(nest.pid, 0)
        if "error" in said:
            raise OSError(said["error"])
        return said["seen"]

    def _confine_and_tell(self, nest: Nest | None, folder: str, tell: int) -> None:
        try:
            self.enter(nest, folder, None)
            for path in self.plan["private"]:
                if not os.access(path, os.R_OK):
                    raise OSError(f"the kernels' user cannot read {path}: make it readable for everybody (chmod o+rx)")
            self.seal(folder)
            self.close_descriptors(tell)
            answer = {"seen": self.observe(folder, tell)}
        except BaseException as error:  # noqa: BLE001 - whatever it is, the zygote reports it
            answer = {"error": f"{type(error).__name__}: {error}"}
        try:
            os.write(tell, json.dumps(answer).encode())
        finally:
            os._exit(0)


def _missing_from_the_start(network: bool) -> dict[str, str]:
    missing = {}
    if network:
        missing["network"] = "the executor was told to leave the network (network: 'host')"
    if not landlock_abi():
        missing["landlock"] = why_no_landlock()
    unsupported = why_unsupported()
    if unsupported:
        missing["seccomp"] = unsupported
        missing.setdefault("network", "it takes the seccomp filter")
    return missing
