import ast
import unittest

from code_mode_kernel.analysis import analyse
from code_mode_kernel.code_facts import analyse_code

from .code_facts_support import CodeFactsTest


class Seen(CodeFactsTest):
    def test_harmless_programs(self):
        for code in (
            "",
            "1 + 1",
            "import json, math, re, datetime as dt, collections\nprint(json.dumps({'a': math.pi}), re.sub('a', 'b', 'c'))",
            "import pandas as pd, numpy as np\ndf = pd.DataFrame({'a': [1]})\ndf.groupby('a').sum().to_csv()\nnp.load('x.npy')",
            "open('x').read(); open('x', 'rb'); open('x', mode='r', encoding='utf-8')",
            "from pathlib import Path\nPath('x').read_text(); Path('x').open(); Path('x').open('rb')",
            "import os\nos.path.join('a', os.environ.get('b', '')); os.getcwd(); hasattr(os, 'fork')",
            "import sys\nprint('x', file=sys.stderr); sys.exit(0)",
            "class A:\n    __slots__ = ('a',)\n    def __init__(self):\n        super().__init__()\n    def __len__(self): return 1",
            "if __name__ == '__main__':\n    print(type(x).__name__, x.__class__.__doc__)",
            "'a'.replace('a', 'b'); df.replace({'a': 'b'}); df.rename(columns={'a': 'b'}); xs.remove(1); d.copy()",
            "code = 'x'; code.strip(); site.get('x'); profile['a']; compiled = 1",
            "import re, platform\nplatform.system(); re.compile('x'); model.eval()",
            "from operator import attrgetter\nsorted(rows, key=attrgetter('size'))",
            "getattr(row, 'name', None); setattr(row, 'name', 1)",
            "with open('x') as f:\n    rows = [line for line in f]",
            "from zipfile import ZipFile\nZipFile('x').read('y')",
            "import importlib.metadata\nimportlib.metadata.version('x')",
            "artifacts.save('x', 1); deps.list(); tools.list(); tools.search('x'); workflows.search('x'); workflows.get('x')",
            "'x' in tools; len(workflows); [t for t in dir(tools)]",
            "df.query('a > 1')",
        ):
            with self.subTest(code=code):
                self.assertEqual({}, self.facts(code))

    @unittest.skipUnless(hasattr(ast, "TypeAlias"), "needs type parameters")
    def test_type_parameters(self):
        code = "def f[T: int](x: T) -> T: return x\nclass A[T: (str, bytes)]: pass\ntype B[T] = list[T]"
        self.assertEqual({}, self.facts(code))
        self.assertEqual({"dynamicCode": ["eval:1"]}, self.facts("def f[T: eval(x)](): pass"))

    def test_imports(self):
        code = "import os.path, json as j\nfrom urllib import parse\nfrom a.b import c as d\nfrom . import e\nfrom ..f import g"
        self.assertEqual([".", "..f", "a.b", "json", "os.path", "urllib"], analyse_code(code)["imports"])
        self.assertEqual(["importlib", "yaml"], analyse_code("import importlib as i\ni.import_module('yaml')")["imports"])

    def test_file_writes(self):
        self.check(
            {
                "open('x', 'w')": {"fileWrites": ["open:1"]},
                "open('x', mode='ab')": {"fileWrites": ["open:1"]},
                "open('x', 'r+'); open('x', 'x')": {"fileWrites": ["open:1"]},
                "mode = 'w'\nopen('x', mode)": {"fileWrites": ["open:2"]},
                "mode = 'r'\nopen('x', mode)": {},
                "open('x', mode)": {"fileWrites": ["open:1"]},
                "open(*args)": {"fileWrites": ["open:1"]},
                "open('x', **kwargs)": {"fileWrites": ["open:1"]},
                "o = open\no('x', 'w')": {"fileWrites": ["open:1", "open:2"]},
                "map(open, names)": {"fileWrites": ["open:1"]},
                "import io, gzip\nio.open('x', 'w')\ngzip.open('x', 'wb')": {"fileWrites": ["io.open:2", "gzip.open:3"]},
                "from gzip import open as g": {"fileWrites": ["gzip.open:1"]},
                "import zipfile\nzipfile.ZipFile('x', 'w')": {"fileWrites": ["zipfile.ZipFile:2"]},
                "from pathlib import Path\np = Path('x')\np.write_text('y')\np.unlink()\np.rename('z')\np.replace(q)\np.open('w')\np.open(mode)": {
                    "fileWrites": [".write_text:3", ".unlink:4", ".rename:5", ".replace:6", ".open:7", ".open:8"]
                },
                "import os, shutil\nos.remove('x')\nos.rename('x', 'y')\nos.makedirs('z')\nshutil.rmtree('x')\nshutil.which('x')": {
                    "fileWrites": ["shutil:1", "os.remove:2", "os.rename:3", "os.makedirs:4", "shutil.rmtree:5"]
                },
                "df.to_csv('x.csv'); df.to_parquet('y'); fig.savefig('z'); image.save('i.png')": {
                    "fileWrites": [".save:1", ".savefig:1", ".to_csv:1", ".to_parquet:1"]
                },
                "import sqlite3\nsqlite3.connect('x.db')": {"fileWrites": ["sqlite3.connect:2"]},
            }
        )

    def test_shell(self):
        self.check(
            {
                "import subprocess as sp\nsp.run('ls')": {"shell": ["subprocess:1", "subprocess.run:2"]},
                "from os import system as s\ns('x')": {"shell": ["os.system:1", "os.system:2"]},
                "import os\nos.execvp('a', []); os.popen('b')": {"shell": ["os.execvp:2", "os.popen:2"]},
                "import pty": {"shell": ["pty:1"]},
                "import asyncio\nawait asyncio.create_subprocess_exec('x')": {"shell": ["asyncio.create_subprocess_exec:2"]},
                # Bound by an earlier run.
                "os.system('x'); sp.run('y'); subprocess.run('z')": {
                    "shell": ["os.system:1", "subprocess.run:1"]
                },
            }
        )

    def test_network(self):
        self.check(
            {
                "import requests\nrequests.get('x')": {"network": ["requests:1", "requests.get:2"]},
                "from urllib.request import urlopen": {"network": ["urllib.request.urlopen:1"]},
                "import urllib.parse": {},
                "from http import client as c\nc.HTTPSConnection('x')": {
                    "network": ["http.client:1", "http.client.HTTPSConnection:2"]
                },
                "import socket, ssl, smtplib, ftplib, httpx, aiohttp": {
                    "network": ["aiohttp:1", "ftplib:1", "httpx:1", "smtplib:1", "socket:1", "ssl:1"]
                },
                "import pandas as pd\nurl = 'https://x/y.csv'\npd.read_csv(url)\npd.read_json(f'https://x/{n}')\npd.read_csv('x.csv')": {
                    "network": ["pandas.read_csv:3", "pandas.read_json:4"]
                },
            }
        )

    def test_dynamic_code(self):
        self.check(
            {
                "eval('1'); exec(code); compile('1', 'x', 'eval')": {"dynamicCode": ["compile:1", "eval:1", "exec:1"]},
                "__import__(name)": {"dynamicCode": ["__import__:1"]},
                "import importlib\nimportlib.import_module(name)": {
                    "dynamicCode": ["importlib:1", "importlib.import_module:2"]
                },
                "getattr(module, name)": {"dynamicCode": ["getattr:1"]},
                "import ctypes, marshal, pickle\npickle.loads(data)": {
                    "dynamicCode": ["ctypes:1", "marshal:1", "pickle:1", "pickle.loads:2"]
                },
                "import numpy as np\nnp.load('x', allow_pickle=True)": {"dynamicCode": ["allow_pickle:2"]},
                "df.eval('a + b'); df.query('@f(a)')": {"dynamicCode": [".eval:1", ".query:1"]},
                "import sys\nsys.path.append('x')\nsys.path = []": {"dynamicCode": ["sys.path.append:2", "sys.path:3"]},
            }
        )

    def test_tools_and_workflows(self):
        self.check(
            {
                "t = tools.github\nt.issues.list(); tools['my-tool'](); tools.weather.aio(city='x')": {
                    "tools": ["github", "github.issues.list", "my-tool", "weather"]
                },
                "[tools.a() for _ in x]; f'{tools.b()}'; lambda: tools.c()\ndef f(t=tools.d): pass": {
                    "tools": ["a", "b", "c", "d"]
                },
                "getattr(tools, 'save')(x=1)": {"tools": ["save"]},
                "name = 'save'\ngetattr(tools, name)(); tools[name]()": {"tools": ["save"]},
                "getattr(tools, name)()": {"dynamicCode": ["getattr:1"]},
                "tools[name]()": {"dynamicCode": ["tools as a value:1"]},
                "helper(tools)": {"dynamicCode": ["tools as a value:1"]},
                "t = tools\nt.a()": {"dynamicCode": ["tools as a value:1"], "tools": ["a"]},
                "for tool in (tools.a, tools.b): tool()": {"tools": ["a", "b"]},
                "workflows.fetch(); workflows.invoke('save', a=1); workflows.invoke(name='load'); workflows['x']()": {
                    "workflows": ["fetch", "load", "save", "x"]
                },
                "workflows.invoke(workflows.fetch)": {"workflows": ["fetch"]},
                "workflows.invoke(name); w = workflows.invoke": {"dynamicCode": ["workflows.invoke:1"]},
                "workflows.rollback('x', 1)": {"dynamicCode": ["workflows.rollback:1"]},
            }
        )

    def test_the_text_of_a_workflow_that_is_saved_counts_too(self):
        self.check(
            {
                "source = '''\ndef run():\n    import os\n    os.system('x')\n    return tools.a()\n'''\nworkflows.create('w', source)\nworkflows.w()": {
                    "shell": ["os.system:7"],
                    "tools": ["a"],
                    "workflows": ["w"],
                },
                "workflows.create('w', 'def run(): return 1')": {},
                "workflows.create('w', 'def run(: not Python')": {},
                "workflows.create('w', open('w.py').read())": {"dynamicCode": ["workflows.create:1"]},
                "source = 'def run(): pass'\nsource += more\nworkflows.create('w', source)": {
                    "dynamicCode": ["workflows.create:3"]
                },
                # The text may be that of an earlier run.
                "if False:\n    source = 'def run(): pass'\nworkflows.create('w', source)": {
                    "dynamicCode": ["workflows.create:3"]
                },
                "def f(): workflows.create('w', source)\nf()\nsource = 'def run(): pass'": {
                    "dynamicCode": ["workflows.create:1"]
                },
            }
        )


class TheProgramAsItRuns(CodeFactsTest):
    def test_fences_and_notebook_habits(self):
        self.check(
            {
                "```python\nimport os\nos.remove('x')\n```": {"fileWrites": ["os.remove:3"]},
                "    import os\n    os.remove('x')\n": {"fileWrites": ["os.remove:2"]},
                "%matplotlib inline\nopen('x', 'w')": {"fileWrites": ["open:2"]},
                "\ufeffopen('x', 'w')\r\n": {"fileWrites": ["open:1"]},
            }
        )

    def test_what_cannot_run_has_no_facts(self):
        for code in ("x = ", "!ls", "%pip install x", "a\0b", "Sure:\n```python\n1\n```"):
            self.assertEqual(["error"], list(analyse("code", code)), code)
        deep = "f" + "()" * 5000
        self.assertEqual(["error"], list(analyse("code", deep)))

    def test_the_code_is_not_executed(self):
        analyse_code("import tests.test_code_facts as t\nt.ran = True\nraise SystemExit")
        self.assertNotIn("ran", globals())


if __name__ == "__main__":
    unittest.main()
