"""A Jupyter kernel for strangers' code: limited, watched, and with as little else in reach as the machine allows.

    async with LockedKernel(protection) as kernel:
        outcome = await kernel.run("print(6 * 7)", seconds=10)

Three protections, the best that works here is `best_protection()`: bubblewrap (Linux; a view of the machine in which
only Python, the book's module and an empty folder exist), Landlock (Linux 6.2 or newer, no program to install; files
outside cannot be opened; what it closes besides depends on the kernel, see `restrict` in scripts/locked.py) and none
(an empty folder for a home and a clean environment, no more). `reached` tries out what a protection leaves open.

In all of them a kernel has limits of processes, printed text and time, and approximate ones of memory and files: two
looks a second at what its processes hold and its folder lists. Not counted are deleted files that are still open,
memory that is a file (memfd_create), and in bubblewrap 256 MB each in /tmp and /dev/shm. What a notebook leaves running
is ended with its kernel: always under bubblewrap, and under Landlock from Linux 6.12 on; else unless it first ends the
process that does this.
"""

import asyncio
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

import psutil
import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from locked import landlock_version
from traitlets import Instance

MEMORY = 3 * 2**30  # bytes of one student; torch and the data need 0.8 GB, the exercises at most 1.2
DISK = 2**30  # bytes in the student's folder, files of at most a quarter of it
FILES, OPEN = 10_000, 1024  # files and folders there; files that a process has open
PROCESSES = 100  # of one student
PRINTED = 1_000_000  # characters in one exercise
MESSAGE = 8 * 2**20  # bytes in one message of the kernel; more ends the connection
SHOWN = 20_000  # characters of what a cell printed, kept for its reader
LOOK = 0.5  # seconds between two looks at what a kernel uses
STRANGE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)  # what forged messages raise here
PROTECTIONS = ("bubblewrap", "landlock", "none")
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"]  # programs and libraries
SETTINGS = [  # of the system; no more of /etc
    "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
]  # fmt: skip
MACHINE = ["/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"]

# The class of the kernel's streams, a file in the room. RENEW, run as a cell, makes place for the next output.
STREAM = f"""
import threading
from ipykernel.iostream import OutStream

class Limited(OutStream):
    left = {PRINTED}

    def write(self, string):
        Limited.left -= len(string)
        if Limited.left >= 0:
            return super().write(string)
        if threading.current_thread() is threading.main_thread():
            raise RuntimeError("more than {PRINTED:,} characters were printed; is there a print in a loop?")
        return len(string)
"""
RENEW = f"import limited_stream as _l; _l.Limited.left = {PRINTED}; del _l"


@dataclass(frozen=True)
class Outcome:
    """How a cell ended ("passed", "error", "time", "died"), an error's name and message, and what was printed."""

    ending: str
    name: str = ""
    message: str = ""
    printed: str = ""


class Manager(AsyncKernelManager):
    """A manager of a kernel that no list of kernels knows."""

    kernel_spec = Instance(KernelSpec)


@functools.cache
def readable() -> tuple[Path, ...]:
    """Return what a kernel has to read: Python, packages, the book's module; not the book with its solutions.

    Raises RuntimeError where the module is not installed.
    """
    code = "import importlib.util as u; print(*u.find_spec('gan_helpers').submodule_search_locations, sep='\\n')"
    asked = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    if asked.returncode:
        raise RuntimeError("gan_helpers is not installed in this Python; use the one of .venv, as make grade does")
    places = [Path(sys.prefix), Path(sys.base_prefix), *map(Path, asked.stdout.splitlines())]
    return tuple(dict.fromkeys(place for place in places if not str(place.resolve()).startswith("/usr/")))


def command(protection: str, room: Path, program: list[str]) -> list[str]:
    """Return what starts a program in a room, a folder that may be changed.

    Raises ValueError for a protection that there is not, OSError for one that this system does not have.
    """
    if protection not in PROTECTIONS:
        raise ValueError(f"a protection out of {', '.join(PROTECTIONS)} is needed, but {protection!r} came")
    if protection != "none" and sys.platform != "linux":
        raise OSError(f"{protection} is there on Linux alone")
    if sys.platform == "win32":
        return program
    settings = {"memory": MEMORY, "file": DISK // 4, "processes": most_processes(), "open": OPEN}
    settings |= {"keeper": False, "landlock": None}
    if protection == "bubblewrap":
        program = [*bubblewrap(room), *program]
    elif sys.platform == "linux":
        settings["keeper"] = True
    if protection == "landlock":
        read = [*SYSTEM, *SETTINGS, *MACHINE, "/dev/urandom", "/dev/random", "/dev/zero", *map(str, readable())]
        settings["landlock"] = {"read": read, "write": [str(room), "/dev/null"]}
    locked = [sys.executable, "-I", "-S", str(Path(__file__).with_name("locked.py")), json.dumps(settings), "--"]
    return [*locked, *program]


def bubblewrap(room: Path) -> list[str]:
    """Return the order to bubblewrap: no network, own processes, and only what is named here to be seen."""
    order = [
        shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        "--proc", "/proc", "--dev", "/dev", "--size", str(DISK // 4), "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
        "--size", str(DISK // 4), "--tmpfs", "/tmp",
    ]  # fmt: skip
    for place in SYSTEM:
        if os.path.islink(place):
            order += ["--symlink", os.readlink(place), place]
        elif os.path.isdir(place):
            order += ["--ro-bind", place, place]
    for place in [*SETTINGS, "/sys/devices/system/cpu", *map(str, readable())]:
        order += ["--ro-bind-try", place, place]
    return [*order, "--bind", str(room), str(room), "--chdir", str(room)]


def most_processes() -> int:
    """Return how many processes and threads this user may have: those of now, and a student's."""
    me = os.getuid()
    now = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            now += process.num_threads() if process.uids().real == me else 0
    return now + 4 * PROCESSES


def environment(room: Path) -> dict[str, str]:
    """Return the environment of a kernel: nothing of this one's that could be a secret."""
    here = {name: os.environ[name] for name in ("LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TZ") if name in os.environ}
    homes = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TMP", "TEMP", "PYTHONPATH"), room)
    homes |= {"IPYTHONDIR": room / ".ipython", "JUPYTER_DATA_DIR": room / ".jupyter"}
    homes |= {"MPLCONFIGDIR": room / ".matplotlib"}
    fixed = {"USER": "student", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "PYTHONNOUSERSITE": "1"}
    return here | {name: str(folder) for name, folder in homes.items()} | fixed


PROBE = """
import contextlib, os, signal, socket, sys
reached = []
for name, mode in ((sys.argv[1], "rb"), (sys.argv[1] + ".new", "wb")):
    with contextlib.suppress(OSError):
        open(name, mode).close()
        reached.append(mode)
with contextlib.suppress(OSError):
    os.truncate(sys.argv[1], 0)
    reached.append("truncate")
with contextlib.suppress(OSError):
    os.chmod(sys.argv[1], 0o600)
    reached.append("modes")
with contextlib.suppress(OSError):
    socket.create_connection(("127.0.0.1", int(sys.argv[2])), 2).close()
    reached.append("network")
with contextlib.suppress(OSError):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"here", ("127.0.0.1", int(sys.argv[3])))
with contextlib.suppress(OSError, AttributeError):
    socket.socket(socket.AF_UNIX).connect(sys.argv[1] + ".socket")
    reached.append("socket")
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with contextlib.suppress(OSError):
    os.kill(int(sys.argv[4]), signal.SIGTERM)
    reached.append("signals")
open("here", "w").close()
print("reached", *reached)
"""


def reached(protection: str) -> list[str] | None:
    """Return what a program reaches under a protection, None if none runs under it.

    "rb" and "wb" open a file outside, "truncate" empties one, "modes" changes its permissions. "network" is a port of
    this machine by TCP, "packets" one by UDP, "socket" another program's socket among the files, "signals" another
    program, which a signal ends.
    """
    with contextlib.ExitStack() as ways:
        outside = ways.enter_context(tempfile.TemporaryDirectory(prefix="mark-"))
        inside, ear = ways.enter_context(room()), ways.enter_context(socket.socket())
        secret = Path(outside) / "secret"
        secret.write_text("a file of the teacher's", encoding="utf-8")
        ear.bind(("127.0.0.1", 0))
        ear.listen()
        if hasattr(socket, "AF_UNIX"):
            other = ways.enter_context(socket.socket(socket.AF_UNIX))
            other.bind(f"{secret}.socket")
            other.listen()
        letterbox = ways.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        letterbox.bind(("127.0.0.1", 0))
        letterbox.setblocking(False)
        ports = [str(one.getsockname()[1]) for one in (ear, letterbox)]
        waiting = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
        other = ways.enter_context(subprocess.Popen(waiting, stdin=subprocess.PIPE))
        program = [sys.executable, "-I", "-S", "-c", PROBE, str(secret), *ports, str(other.pid)]
        try:
            done = subprocess.run(
                command(protection, inside, program), cwd=inside, env=environment(inside), capture_output=True,
                text=True, timeout=300, check=False,
            )  # fmt: skip
        except OSError:
            return None
        except subprocess.TimeoutExpired:
            raise RuntimeError("this machine is too busy to try out what protects from notebooks; try later") from None
        words = done.stdout.split()
        with contextlib.suppress(BlockingIOError):  # nothing came
            words += ["packets"] if letterbox.recv(9) else []
        if "signals" in words:
            try:
                other.wait(10)
            except subprocess.TimeoutExpired:
                words.remove("signals")  # it went to a process of its own that has the same number there
        return words[1:] if done.returncode == 0 and words[:1] == ["reached"] else None


def protects(protection: str, open_ways: list[str] | None) -> bool:
    """Say whether a protection works and, unless it is none, keeps files outside from being read and changed."""
    return open_ways is not None and (protection == "none" or not {"rb", "wb", "truncate"} & set(open_ways))


@functools.cache
def best_protection() -> tuple[str, list[str]]:
    """Return the best protection that works on this machine, tried out, and what it leaves within reach."""
    for protection in PROTECTIONS:
        if protection == "landlock" and not landlock_version():
            continue
        open_ways = reached(protection)
        if protects(protection, open_ways):
            return protection, open_ways
    raise RuntimeError("no program could be started in a folder of its own; is the folder for temporary files full?")


@contextlib.contextmanager
def room():
    """Make a student's folder, and take it away again with what is in it."""
    place = Path(tempfile.mkdtemp(prefix="mark-")).resolve()
    try:
        yield place
    finally:
        for _ in range(2):
            with contextlib.suppress(OSError, RecursionError):  # locked folders, and folders in folders without an end
                shutil.rmtree(place, ignore_errors=True)
                os.chmod(place, 0o700)
                for folder, names, _ in os.walk(place):  # unlocks each before the walk comes to it
                    for path in (os.path.join(folder, name) for name in names):
                        if not os.path.islink(path):
                            os.chmod(path, 0o700)
        if place.exists():
            print(
                f"What a notebook wrote to {place} could not be taken away; please delete it by hand.", file=sys.stderr
            )


@functools.cache
def fonts() -> tuple[str, bytes] | None:
    """Return name and content of matplotlib's list of the fonts here, which takes seconds to make."""
    with room() as place:
        code = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(code, env=environment(place), check=False, capture_output=True)
        return next(((file.name, file.read_bytes()) for file in (place / ".matplotlib").glob("fontlist-*.json")), None)


class LockedKernel:
    """One kernel in one room; `async with` starts and ends it. `why_dead` tells its student why it ended."""

    def __init__(self, protection: str) -> None:
        self.protection = protection
        self.why_dead = ""
        self.exits = contextlib.ExitStack()
        self.tasks: list[asyncio.Task] = []
        self.process: psutil.Process | None = None
        self.asked = ""  # the identifier of the cell that runs
        self.texts: list[str] = []  # what it printed so far
        self.idle = asyncio.Event()

    async def __aenter__(self) -> "LockedKernel":
        try:
            await self.start(self.exits.enter_context(room()))
        except BaseException:
            await self.end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def start(self, place: Path) -> None:
        """Start the kernel in an empty folder; raise RuntimeError where it does not answer within two minutes."""
        self.place = place
        (place / ".matplotlib").mkdir()
        if known := fonts():
            (place / ".matplotlib" / known[0]).write_bytes(known[1])
        context = zmq.asyncio.Context()
        self.exits.callback(context.destroy, linger=0)
        context.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        context.setsockopt(zmq.RCVHWM, 100)
        (place / "limited_stream.py").write_text(STREAM, encoding="utf-8")
        options = ["--HistoryManager.enabled=False", "--IPKernelApp.outstream_class=limited_stream.Limited"]
        if sys.platform == "linux":  # it cannot see this process; bubblewrap or the keeper ends it with this one
            options.append("--IPKernelApp.parent_handle=0")
        program = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", *options]
        order = command(self.protection, place, program)
        spec = KernelSpec(argv=order, interrupt_mode="message", language="python", display_name="a student's")
        where = {} if self.protection == "none" else {"transport": "ipc", "ip": str(place / "s")}
        self.manager = Manager(kernel_spec=spec, connection_file=str(place / "kernel.json"), context=context, **where)
        with open(place / "kernel.log", "wb") as log:
            await self.manager.start_kernel(cwd=str(place), env=environment(place), stdout=log, stderr=log)
        self.process = psutil.Process(self.manager.provisioner.process.pid)
        self.client = self.manager.client(context=context)
        self.client.start_channels(hb=False)
        self.tasks = [asyncio.create_task(self.listen()), asyncio.create_task(self.watch())]
        if await self.reply(self.client.kernel_info(), time.monotonic() + 120) is None:
            said = (place / "kernel.log").read_text(encoding="utf-8", errors="replace").strip()[-2000:]
            raise RuntimeError(f"no kernel starts under the protection {self.protection!r}; choose another:\n{said}")

    async def run(self, code: str, seconds: float) -> Outcome:
        """Run a cell for at most so many seconds; a kernel that does not let itself be interrupted is ended."""
        if self.why_dead:
            return Outcome("died", message=self.why_dead)
        self.texts.clear()
        self.idle.clear()
        self.asked = self.client.execute(code, store_history=False, allow_stdin=False, stop_on_error=False)
        reply = await self.reply(self.asked, time.monotonic() + seconds)
        late = reply is None and not self.why_dead
        if late:
            await self.manager.interrupt_kernel()
            if await self.reply(self.asked, time.monotonic() + 5) is None and not self.why_dead:
                self.why_dead = "it did not stop when it was interrupted"
                self.kill()
        elif reply is not None:
            with contextlib.suppress(asyncio.TimeoutError):  # what it printed comes another way and may be behind
                await asyncio.wait_for(self.idle.wait(), 2)
        printed, self.asked = "".join(self.texts)[:SHOWN], ""
        if late:
            return Outcome("time", printed=printed)
        if reply is None:
            return Outcome("died", message=self.why_dead, printed=printed)
        content = reply.get("content", {})
        if content.get("status") == "ok":
            return Outcome("passed", printed=printed)
        return Outcome("error", str(content.get("ename"))[:100], str(content.get("evalue"))[:2000], printed)

    async def reply(self, ident: str, deadline: float) -> dict | None:
        """Return the kernel's reply to a request, None once it is dead or the deadline has passed."""
        late = False
        while not late:
            late = time.monotonic() >= deadline  # then this look is the last: the reply may lie there already
            try:
                message = await self.client.get_shell_msg(timeout=0 if late else LOOK)
                if message["parent_header"].get("msg_id") == ident and isinstance(message["content"], dict):
                    return message
                continue
            except Empty:
                pass  # it works, or it is dead
            except STRANGE:
                self.why_dead = "it sent what no kernel sends"
                self.kill()
            if not self.why_dead and not await self.manager.is_alive():
                self.why_dead = "the kernel ended, as after exit() or a crash"
            if self.why_dead:
                return None
        return None

    async def listen(self) -> None:
        """Gather what the kernel prints."""
        while True:
            with contextlib.suppress(Empty, *STRANGE):
                message = await self.client.get_iopub_msg(timeout=60)
                if not self.asked or message["parent_header"].get("msg_id") != self.asked:
                    continue
                content = message["content"]
                if message["msg_type"] == "stream" and sum(map(len, self.texts)) < SHOWN:
                    self.texts.append(str(content.get("text"))[:SHOWN])
                if message["msg_type"] == "status" and content.get("execution_state") == "idle":
                    self.idle.set()

    async def watch(self) -> None:
        """Look from time to time at what the kernel and its children use, and end them where it is too much."""
        while not self.why_dead:
            await asyncio.sleep(LOOK)
            family = self.family()
            if len(family) > PROCESSES:
                self.why_dead = f"it started more than {PROCESSES} processes"
            elif self.memory(family) > MEMORY:
                self.why_dead = f"it took more than {MEMORY / 2**30:g} GB of memory"
            elif await asyncio.to_thread(self.written) > DISK:
                self.why_dead = f"it wrote more than {DISK / 2**30:g} GB or {FILES:,} files"
            if self.why_dead:
                self.kill()

    def family(self) -> list[psutil.Process]:
        """Return the kernel's processes: what was started for it and all below."""
        try:
            return [self.process, *self.process.children(recursive=True)] if self.process else []
        except psutil.NoSuchProcess:
            return []

    @staticmethod
    def memory(family: list[psutil.Process]) -> int:
        """Return the bytes of memory that processes hold; what they share is counted once where it matters."""

        def total(measure) -> int:
            held = 0
            for process in family:
                with contextlib.suppress(psutil.Error):
                    held += measure(process)
            return held

        quick = total(lambda process: process.memory_info().rss)
        return quick if quick < MEMORY else total(lambda process: getattr(process.memory_full_info(), "pss", 0))

    def written(self) -> int:
        """Return about the bytes that the student's folder lists, more than DISK where it has too many files."""
        sizes, count = 0, 0
        walk = getattr(os, "fwalk", os.walk)  # Windows has no fwalk, for which no path is too long
        with contextlib.suppress(OSError, RecursionError):
            for folder, folders, files, *place in walk(self.place):
                for name in files:
                    with contextlib.suppress(OSError):
                        about = os.lstat(name, dir_fd=place[0]) if place else os.lstat(os.path.join(folder, name))
                        sizes += about.st_size
                count += len(folders) + len(files)
                if count > FILES:
                    return DISK + 1
        return sizes

    def kill(self) -> None:
        """End the kernel with all that it started."""
        if self.process is None:
            return
        if sys.platform == "linux" and self.protection != "bubblewrap":
            with contextlib.suppress(psutil.Error):  # the keeper stops all below it first, then ends it
                self.process.send_signal(signal.SIGTERM)
                self.process.wait(10)
        for process in reversed(self.family()):  # elsewhere, and bubblewrap, whose processes end with it
            with contextlib.suppress(psutil.Error):
                process.kill()

    async def end(self) -> None:
        """End the kernel, and take its folder away."""
        self.why_dead = self.why_dead or "it is over"
        self.kill()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.process is not None:
            self.client.stop_channels()
            await self.manager.shutdown_kernel(now=True)
        self.exits.close()
