"""Start as a zygote, as a kernel or as an installer. The options come as one JSON document on standard input, secrets included."""

import json
import os
import sys

if sys.version_info < (3, 10):
    sys.exit(f"code-mode needs Python 3.10 or newer; {sys.executable} is {sys.version.split()[0]}")

line = sys.stdin.readline()
while '"role"' not in line and line:
    # Podman hands on the body of the request that attaches the host, before anything that the host says.
    line = sys.stdin.readline()
options = json.loads(line)
if options["role"] == "installer":
    from code_mode_kernel.installer import run_installer

    sys.path.pop(0)
    run_installer(options)
null = os.open(os.devnull, os.O_RDONLY)
os.dup2(null, 0, inheritable=True)
os.close(null)

if options["role"] == "zygote":
    from code_mode_kernel.zygote import run_zygote

    # Only the kernel's own modules come from this folder; the model's imports must not.
    sys.path.pop(0)
    run_zygote(options)
else:
    from code_mode_kernel.environment import use_environment
    from code_mode_kernel.kernel_setup import KernelSetup, Place
    from code_mode_kernel.limits import PidsGroup

    sys.path.pop(0)
    use_environment(options["sitePackages"])
    group = PidsGroup(options["group"]) if options["group"] else None
    sandbox = nest = None
    if options["sandbox"]:
        from code_mode_kernel.sandbox.nest import Nest
        from code_mode_kernel.sandbox.sandbox import Sandbox

        sandbox = Sandbox(options["sandbox"])
        nest = Nest(*options["nest"]) if options["nest"] else None
    place = Place(options["socket"], options["zygote"], sandbox, nest)
    KernelSetup(place).run(options["spec"], group)
