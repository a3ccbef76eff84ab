import ast
import unittest

from .code_facts_support import CodeFactsTest


class Hidden(CodeFactsTest):
    """Each of these runs something that it does not say openly; none may come out without a fact."""

    def test_each_has_a_fact(self):
        for code in (
            # Names put together
            "getattr(os, 'sys' + 'tem')('x')",
            "getattr(os, ''.join(['rem', 'ove']))('x')",
            "__builtins__['eval']('1')",
            "__builtins__.__dict__['ev' + 'al']('1')",
            "globals()['o' + 's'].remove('x')",
            "vars()['os'].remove('x')",
            "locals()['__builtins__']",
            "vars(os)['remove']('x')",
            "import sys\nsys.modules['o' + 's'].remove('x')",
            "import operator\noperator.attrgetter('sys' + 'tem')(m)('x')",
            "operator.methodcaller(name, 'x')(m)",
            "(lambda g: g(m, n))(getattr)",
            "list(map(getattr, ms, ns))",
            "from functools import reduce\nreduce(getattr, names, m)",
            "eval.__call__('1')",
            "[f for f in (eval,)][0]('1')",
            # Modules under other names
            "import os as o\no.remove('x')",
            "from random import _os\n_os.remove('x')",
            "import random\nrandom._os.remove('x')",
            "import json\njson.codecs.sys.modules",
            "import pathlib as p\np.os.remove('x')",
            "x.os.remove('y')",
            "o = x.os\no.remove('y')",
            "def f():\n    o = x.os\n    o.remove('y')",
            "import importlib as i\ni.import_module('o' + 's').remove('x')",
            "from importlib import import_module as im\nim(name).remove('x')",
            "i = __import__\ni('os').remove('x')",
            "__import__('os').remove('x')",
            "import builtins\nbuiltins.exec(x)",
            "import builtins as b\nb.open('x', 'w')",
            "from os import *\nremove('x')",
            "from shutil import *",
            "import posix\nposix.remove('x')",
            # Modules and functions as values
            "import os\nfor m in [os]:\n    m.remove('x')",
            "import os\n[m.remove('x') for m in [os]]",
            "import os\n{m.remove('x') for m in (os,)}",
            "import os\na, b = os, 1\na.remove('x')",
            "import os\nfirst, *rest = os, 1",
            "import os\n(o := os).remove('x')",
            "if (o := __import__('os')):\n    o.remove('x')",
            "import os\ndef f(m=os): m.remove('x')",
            "import os\n(lambda m=os: m.remove('x'))()",
            "import os\ndef f(m): m.remove('x')\nf(os)",
            "import os\nclass A:\n    m = os\nA.m.remove('x')",
            "import os\nA.m = os\nA.m.remove('x')",
            "import os\nd = {'m': os}\nd['m'].remove('x')",
            "import os\nmatch os:\n    case m:\n        m.remove('x')",
            "import os\nmatch os:\n    case object(remove=r):\n        r('x')",
            "match f:\n    case object(__globals__=g):\n        g",
            "class C:\n    __match_args__ = names\nmatch f:\n    case C(g):\n        g",
            "import os\ndef f(): return os\nf().remove('x')",
            "import os\nasync def f(): yield os",
            "import os\nos",
            "import os\n@(lambda f: os.remove('x'))\ndef f(): pass",
            "@eval\n@str\nclass C: pass",
            "@exec\ndef f(): pass",
            "from functools import partial\npartial(open, mode='w')('x')",
            "x = os if a else sys",
            "def f():\n    global o\n    o = os",
            "def f():\n    global o\n    import os as o\nf()\no.remove('x')",
            "def f():\n    def g():\n        nonlocal m\n        m = os\n    m = None\n    g()\n    m.remove('x')",
            "import os\nwith x as os:\n    pass\nos.remove('x')",
            "try:\n    import x as o\nexcept ImportError:\n    import os as o\no.remove('x')",
            "if False:\n    os = None\nos.remove('x')",
            "os.remove('x')\nos = 1",
            "class A:\n    os.remove('x')\n    os = 1",
            "if False:\n    eval = None\neval('1')",
            "del open\nopen('x', 'w')",
            "x = y or x\ny = x or os\ny.remove('x')",
            # Ways through objects
            "().__class__.__bases__[0].__subclasses__()",
            "''.__class__.__mro__[1].__subclasses__()",
            "object.__subclasses__()",
            "type(x).mro()",
            "print.__self__.exec('1')",
            "f.__globals__['x']",
            "f.__init__.__globals__",
            "f.__code__ = g",
            "f.__closure__[0].cell_contents",
            "(i for i in x).gi_frame.f_back",
            "try:\n    1 / 0\nexcept Exception as e:\n    e.__traceback__.tb_frame.f_globals",
            "try:\n    os.nope\nexcept AttributeError as e:\n    e.obj.remove('x')",
            "getattr(f, '__globals__')",
            "getattr(f, '__glo' + 'bals__')",
            "object.__getattribute__(f, '__globals__')",
            "import inspect\ninspect.currentframe().f_back",
            "import sys\nsys._getframe()",
            "import gc\ngc.get_objects()",
            "import string\nstring.Formatter().get_field('0.x', [f], {})",
            "import types\ntypes.FunctionType(code, {})",
            "class C:\n    __class__ = 1\n    __builtins__ = {}",
            "__loader__.load_module('os')",
            "__spec__",
            "import __main__\n__main__.x",
            "import code_mode_kernel.channel",
            # Text that becomes code
            "import pickle as p\np.loads(x)",
            "from pickle import loads as l\nl(x)",
            "import marshal, types",
            "import timeit\ntimeit.timeit('1')",
            "import runpy\nrunpy.run_path('x')",
            "import code\ncode.interact()",
            "import typing\ntyping.get_type_hints(x)",
            "import unittest.mock as m\nm.patch('os.remove')",
            "from pydoc import locate\nlocate('os')",
            "import ctypes\nctypes.CDLL(None).system(b'x')",
            "import cffi",
            "import yaml\nyaml.load(x)",
            "f'{eval(x)}'",
            "f'{1:{exec(x)}}'",
            "[(lambda: eval)() for _ in x]",
            "async def f():\n    async for i in eval(x): pass",
            "type X = eval('1')" if hasattr(ast, "TypeAlias") else "eval('1')",
        ):
            with self.subTest(code=code):
                self.assertNotEqual({}, self.facts(code))

    def test_too_many_meanings_to_look_into(self):
        code = "\n".join(f"a{n} = a{n + 1} or b{n}\nb{n} = a{n}.x or b{n}.y" for n in range(40)) + "\na0.z()"
        self.assertIn("a name with too many meanings", " ".join(self.facts(code)["dynamicCode"]))


if __name__ == "__main__":
    unittest.main()
