"""Which names of Python and of common packages write files, start processes, use the network or run other code."""

from __future__ import annotations

FILES, SHELL, NETWORK, DYNAMIC = "fileWrites", "shell", "network", "dynamicCode"


def kind_of(path: tuple[str, ...]) -> str | None:
    """The kind of what has this path, e.g. `("os", "system")`. The longest name that is known decides; "" is harmless."""
    for length in range(len(path), 0, -1):
        kind = _PATHS.get(".".join(path[:length]))
        if kind is not None:
            return kind
    return None


def kind_of_member(name: str) -> str | None:
    """The kind of an attribute of an object that is not known."""
    if is_dunder(name):
        return None if name in HARMLESS_DUNDERS else DYNAMIC
    return _MEMBERS.get(name)


def is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def _of(kind: str, prefix: str, names: str) -> dict[str, str]:
    return {f"{prefix}{name}": kind for name in names.split()}


#: The path of an expression that may mean too much to look into.
UNSEEN = ("a name with too many meanings",)
#: Modules whose functions have everyday names: such a module in another hand is out of sight.
HOLDERS = frozenset("os posix nt sys builtins shutil".split())
#: Modules that others import: `random._os` is `os`.
CARRIED = frozenset("os posix nt sys builtins shutil subprocess importlib ctypes pickle marshal runpy pty socket ssl".split())
#: What names commonly stand for when another run has bound them.
USUAL_NAMES = {
    "pd": "pandas",
    "np": "numpy",
    "plt": "matplotlib.pyplot",
    "sp": "subprocess",
    "attrgetter": "operator.attrgetter",
    "methodcaller": "operator.methodcaller",
    "ZipFile": "zipfile.ZipFile",
    "GzipFile": "gzip.GzipFile",
    "FileIO": "io.FileIO",
}
#: Modules whose names are everyday variables: where nothing imports them, they are taken for those.
EVERYDAY = frozenset("code site trace profile sh imp pip dns wget kafka fabric mysql scapy".split())
#: Functions that open files -> the place of `mode`.
OPENERS = dict.fromkeys(
    "builtins.open io.open codecs.open gzip.open bz2.open lzma.open tarfile.open zipfile.ZipFile io.FileIO "
    "gzip.GzipFile bz2.BZ2File lzma.LZMAFile os.fdopen wave.open dbm.open".split(),
    1,
)
#: Methods that write when they are told where: without an argument they return text.
WRITES_WITH_ARGUMENT = frozenset(
    "to_csv to_json to_html to_latex to_markdown to_string to_xml to_excel save dump_to_file write_image write_html".split()
)
HARMLESS_DUNDERS = frozenset(
    f"__{name}__"
    for name in "name qualname doc class init new version file len iter next enter exit aenter aexit str repr eq ne lt le "
    "gt ge hash post_init annotations call getitem setitem delitem contains add radd sub mul truediv floordiv mod neg abs "
    "int float bool bytes index main all slots author cause context notes traceback debug dataclass_fields missing "
    "copy deepcopy format sizeof aiter anext await set_name get set".split()
)

_OS_SHELL = (
    "system popen execl execle execlp execlpe execv execve execvp execvpe spawnl spawnle spawnlp spawnlpe spawnv spawnve "
    "spawnvp spawnvpe posix_spawn posix_spawnp fork forkpty startfile kill killpg"
)
_OS_FILES = (
    "remove unlink rmdir removedirs mkdir makedirs rename renames replace link symlink truncate ftruncate chmod lchmod "
    "fchmod chown lchown fchown mkfifo mknod utime open write pwrite writev pwritev sendfile copy_file_range setxattr "
    "removexattr"
)
_SYS = "modules path meta_path path_hooks path_importer_cache _getframe _current_frames settrace setprofile"

_PATHS = {
    # Processes
    **_of(SHELL, "", "subprocess pty multiprocessing pexpect sh plumbum fabric concurrent.futures.process"),
    **_of(SHELL, "", "concurrent.futures.ProcessPoolExecutor asyncio.create_subprocess_exec asyncio.subprocess"),
    **_of(SHELL, "", "asyncio.create_subprocess_shell"),
    **_of(SHELL, "os.", _OS_SHELL),
    **_of(SHELL, "posix.", _OS_SHELL),
    **_of(SHELL, "nt.", _OS_SHELL),
    # Network
    **_of(NETWORK, "", "socket _socket ssl _ssl socketserver http.client http.server urllib.request ftplib smtplib smtpd"),
    **_of(NETWORK, "", "poplib imaplib nntplib telnetlib xmlrpc asyncore asynchat webbrowser wsgiref antigravity"),
    **_of(NETWORK, "", "asyncio.open_connection asyncio.start_server asyncio.open_unix_connection logging.handlers"),
    **_of(NETWORK, "", "requests httpx httpcore aiohttp urllib3 websockets websocket paramiko boto3 botocore grpc pycurl"),
    **_of(NETWORK, "", "redis pymongo psycopg psycopg2 asyncpg mysql MySQLdb pymysql kafka pika zmq dns scapy twisted"),
    **_of(NETWORK, "", "tornado playwright selenium openai anthropic yfinance gdown wget huggingface_hub slack_sdk"),
    # Files
    **_of(FILES, "os.", _OS_FILES),
    **_of(FILES, "posix.", _OS_FILES),
    **_of(FILES, "nt.", _OS_FILES),
    **_of(FILES, "", "shutil tempfile dbm sqlite3.connect fileinput.input logging.FileHandler logging.basicConfig"),
    **_of(FILES, "numpy.", "save savez savez_compressed savetxt memmap"),
    **_of(FILES, "", "matplotlib.pyplot.savefig matplotlib.pyplot.imsave cv2.imwrite joblib.dump"),
    **_of("", "shutil.", "which disk_usage get_terminal_size get_archive_formats get_unpack_formats"),
    # Other code
    **_of(DYNAMIC, "builtins.", "eval exec compile __import__ globals locals vars getattr __builtins__ __loader__ __spec__"),
    **_of(DYNAMIC, "sys.", _SYS),
    **_of(DYNAMIC, "", "importlib imp runpy pkgutil zipimport ctypes _ctypes cffi pickle _pickle cPickle dill cloudpickle"),
    **_of(DYNAMIC, "", "marshal shelve copyreg code codeop gc bdb pdb doctest trace timeit cProfile profile site pip"),
    **_of(DYNAMIC, "", "setuptools distutils ensurepip venv pyximport numba unittest.mock logging.config string.Formatter"),
    **_of(DYNAMIC, "", "pydoc __main__ code_mode_kernel types.FunctionType types.CodeType types.LambdaType"),
    **_of(DYNAMIC, "", "typing.get_type_hints typing.ForwardRef operator.attrgetter operator.methodcaller"),
    **_of(DYNAMIC, "inspect.", "currentframe stack trace getattr_static getmembers getmembers_static get_annotations"),
    **_of(DYNAMIC, "", "pandas.eval pandas.read_pickle joblib.load torch.load yaml.load yaml.unsafe_load"),
    **_of(DYNAMIC, "", "yaml.full_load numexpr sympy.sympify sympy.parse_expr sympy.lambdify sympy.parsing"),
    UNSEEN[0]: DYNAMIC,
    # Harmless, though they look like others
    **_of("", "", "platform.system importlib.metadata importlib.resources PIL.Image.open"),
}

_MEMBERS = {
    **_of(SHELL, "", _OS_SHELL.replace(" kill killpg", "")),
    **_of(SHELL, "", "Popen check_output check_call getoutput getstatusoutput create_subprocess_exec exec_command"),
    **_of(SHELL, "", "create_subprocess_shell subprocess_exec subprocess_shell"),
    **_of(NETWORK, "", "urlopen urlretrieve create_connection open_connection open_unix_connection create_server"),
    **_of(NETWORK, "", "start_server create_datagram_endpoint sendto connect_ex"),
    **_of(FILES, "", "write_text write_bytes unlink rmdir mkdir makedirs removedirs rmtree touch symlink_to hardlink_to"),
    **_of(FILES, "", "link_to chmod lchmod chown symlink mkfifo mknod copytree copyfile extractall savefig imsave imwrite"),
    **_of(FILES, "", "tofile savez savez_compressed savetxt to_parquet to_feather to_hdf to_pickle to_stata to_orc"),
    **dict.fromkeys(WRITES_WITH_ARGUMENT, FILES),
    **_of(DYNAMIC, "", "eval exec_module load_module import_module mro f_globals f_locals f_builtins f_back gi_frame"),
    **_of(DYNAMIC, "", "cr_frame ag_frame tb_frame gi_code cr_code cell_contents get_field read_pickle currentframe"),
    **_of(DYNAMIC, "", "_getframe getattr_static attrgetter methodcaller FunctionType CodeType get_type_hints obj"),
}
