"""Start a program in a locked room: limits on what it may use and, on Linux, on what it may reach.

    python -I -S scripts/locked.py SETTINGS -- program argument ...

SETTINGS is JSON: `memory` and `file` in bytes; `processes`, of this user in all; `open`, how many files a process may
have open; `keeper`, whether the program runs below this one (Linux), which inherits everything that the program starts
and leaves behind, and ends all that with it; and with a keeper `landlock`, null or the paths that may be read (`read`)
and changed (`write`).
It knows nothing but the standard library, since it runs before the program it locks in.
"""

import contextlib
import ctypes
import json
import os
import signal
import sys
import time

PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 24, 36, 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every processor
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
DEVICES = 1 << 6 | 1 << 11  # to make them
FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL  # what a rule on a file, no folder, may name


class Ruleset(ctypes.Structure):
    """landlock_ruleset_attr, with the fields of its sixth version."""

    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class Beneath(ctypes.Structure):
    """landlock_path_beneath_attr."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def call(number: int, *arguments: object) -> int:
    """Make a system call; raise OSError where it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *plain)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def process_control(option: int, value: int) -> int:
    """Call prctl."""
    return ctypes.CDLL(None).prctl(*map(ctypes.c_ulong, (option, value, 0, 0, 0)))


def landlock_version() -> int:
    """Return which version of Landlock this kernel has, 0 for none."""
    try:
        return call(CREATE_RULESET, None, 0, 1) if sys.platform == "linux" else 0
    except OSError:
        return 0


def restrict(read: list[str], write: list[str]) -> None:
    """Let this process and its children open these paths and no others.

    Below Linux 6.2 (Landlock 3) other files can be emptied all the same, and everywhere their permissions and dates
    changed. From Linux 6.7 on (Landlock 4) no TCP either, and from 6.12 on (Landlock 6) no signals to processes
    outside; on older kernels both stay in reach. UDP and sockets among the files always do. Raises OSError where the
    kernel has no Landlock.
    """
    version = call(CREATE_RULESET, None, 0, 1)
    files = (1 << 13) - 1
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        files |= (version >= since) << bit
    rules = Ruleset(files, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = call(CREATE_RULESET, ctypes.byref(rules), size, 0)
    wanted = [(path, READ_FILE | READ_DIR | EXECUTE) for path in read]
    wanted += [(path, ~DEVICES) for path in write]
    for path, allowed in wanted:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        allowed &= files if os.path.isdir(path) else files & FILE
        call(ADD_RULE, ruleset, 1, ctypes.byref(Beneath(allowed, place)), 0)
        os.close(place)
    process_control(PR_SET_NO_NEW_PRIVS, 1)
    call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def limit(memory: int, file: int, processes: int, files: int) -> None:
    """Set the limits of the system on this process and all that it starts; Windows has none of them."""
    try:
        import resource
    except ModuleNotFoundError:
        return
    kinds = [("RLIMIT_DATA", memory), ("RLIMIT_FSIZE", file), ("RLIMIT_NPROC", processes), ("RLIMIT_NOFILE", files)]
    kinds += [("RLIMIT_CORE", 0)]
    for name, value in kinds:
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (value, value))


def below(root: int) -> list[int]:
    """Return the processes below one, those that wait to be fetched left out (Linux)."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state not in "ZX":
            children.setdefault(int(parent), []).append(int(name))
    found, left = [], [root]
    while left:
        more = children.get(left.pop(), [])
        found += more
        left += more
    return found


def end_all() -> None:
    """End everything below this process; first stop it, so that nothing multiplies meanwhile."""
    for _ in range(100):
        processes = below(os.getpid())
        if not processes:
            return
        for kind in (signal.SIGSTOP, signal.SIGKILL):
            for process in processes:
                with contextlib.suppress(ProcessLookupError):  # it ended by itself
                    os.kill(process, kind)
        time.sleep(0.02)
        fetch()


def fetch() -> None:
    """Fetch the children that have ended."""
    with contextlib.suppress(ChildProcessError):  # none is left
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def keep(rules: dict[str, list[str]] | None, command: list[str]) -> int:
    """Run the command below this process, which ends what the command leaves behind; return its exit code.

    A command that may send this process a signal (see `restrict`) can end it first, and so leave programs running.
    """
    process_control(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        process_control(PR_SET_PDEATHSIG, signal.SIGKILL)
        for capability in range(64):  # root without them is a user like others
            process_control(PR_CAPBSET_DROP, capability)
        if rules is not None:
            restrict(rules["read"], rules["write"])
        os.execv(command[0], command)

    def end(*_: object) -> None:
        end_all()
        os._exit(1)

    signal.signal(signal.SIGTERM, end)
    process_control(PR_SET_PDEATHSIG, signal.SIGTERM)
    while True:
        ended, status = os.wait()
        if ended == child:
            end_all()
            return os.waitstatus_to_exitcode(status) & 255


def main(arguments: list[str]) -> int:
    """Set the limits, and become the program or its keeper."""
    settings, dashes, *command = arguments
    if dashes != "--" or not command:
        raise SystemExit("locked.py needs SETTINGS -- program argument ...")
    wanted = json.loads(settings)
    limit(wanted["memory"], wanted["file"], wanted["processes"], wanted["open"])
    if wanted["keeper"]:
        return keep(wanted["landlock"], command)
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
