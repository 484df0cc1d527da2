"""Programs that run beside the machines (registry, supervisor, balancer, probes), each with a record of who it is.

A record outlives a killed suite. It names the process by id, start time and command line, so that another process
which got the same id later is never taken for ours.
"""
import json
import os
import pathlib
import signal
import subprocess
import time

from .common import RUN, BedError

RECORDS = RUN / "services"


def identity(pid):
    """(start time in clock ticks since boot, command line) of a live process, or None."""
    process = pathlib.Path("/proc") / str(pid)
    try:
        state, *rest = (process / "stat").read_text().rsplit(")", 1)[1].split()
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return None
    return None if state in "ZX" else (int(rest[18]), words)


def start(name, *cmd, output=None):
    """Start cmd in the background unless it already runs. Its output goes to RUN/<name>.log, or to the file `output`."""
    if pid_of(name):
        return
    RUN.mkdir(parents=True, exist_ok=True)
    words = [str(c) for c in cmd]
    with open(RUN / f"{name}.log", "ab") as log, open(output or os.devnull, "wb") as out:
        p = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out if output else log, stderr=log, start_new_session=True)
    record(name, p.pid, words)


def record(name, pid, words):
    """Note that process pid, started as words, is ours: `stop(name)` ends it, and so does the clean-up after a crash."""
    RECORDS.mkdir(parents=True, exist_ok=True)
    known = identity(pid)
    (RECORDS / f"{name}.json").write_text(json.dumps(dict(pid=pid, started=known[0] if known else 0, words=words)))


def forget(name):
    (RECORDS / f"{name}.json").unlink(missing_ok=True)


def pid_of(name):
    """The process id of a recorded service that still runs, or None."""
    try:
        noted = json.loads((RECORDS / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    now = identity(noted["pid"])
    # `ip netns exec NS cmd`, `env A=B cmd` and scripts become other programs in the same process: the last word stays
    same = now and now[0] == noted["started"] and now[1][-1:] == noted["words"][-1:]
    return noted["pid"] if same else None


def stop(name, seconds=10):
    """Ask the service to end (SIGTERM), and wait until it has; after `seconds` it is killed."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        pid = pid_of(name)
        if not pid:
            break
        os.kill(pid, sent)
        end = time.time() + seconds
        while pid_of(name) and time.time() < end:
            try:
                os.waitpid(pid, os.WNOHANG)      # where it is our own child
            except ChildProcessError:
                pass
            time.sleep(0.05)
    if pid_of(name):
        raise BedError(f"service {name} (process {pid_of(name)}) does not end")
    forget(name)


def recorded():
    return sorted(p.stem for p in RECORDS.glob("*.json"))


def stop_all():
    # the supervisor first: it would start machines again that are being removed
    for name in sorted(recorded(), key=lambda n: n != "supervise"):
        stop(name)
