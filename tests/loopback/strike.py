"""Ways to end a Drover that runs, each at a point that can be named again:

  journal:N[+MS]   kill -9 when the journal has N lines (MS milliseconds later)
  at:STEP:TYPE[+MS]  the same, when a record of this type of this step is written ("run": of no step)
  before:N after:N kill -9 when the API gets its Nth write: before it has its effect, or after it and before its answer
  lock             kill -9 after the lock is taken, before anything is in the state folder of the run
  disk:KIB         the disk under the state folder is full after so many KiB
"""
import os
import pathlib
import re
import subprocess
import sys

import journal

WATCHER = pathlib.Path(__file__).resolve().parent / "watcher.py"


def _kill(process):
    process.kill()
    process.wait()


def journal_size(bed):
    folder = bed.run_folder()
    path = folder / "journal.jsonl" if folder else None
    return path.stat().st_size if path and path.exists() else 0


def at_line(bed, process, skip, milliseconds, *condition):
    watcher = subprocess.run([sys.executable, WATCHER, str(process.pid), bed.state / "loopback/runs", str(skip), milliseconds or "0", *condition])
    if watcher.returncode not in (0, 1):
        raise RuntimeError("the watcher broke")
    process.wait()
    return watcher.returncode == 0


def at_write(bed, process, number, side):
    """The API's own thread kills: whatever Drover would do next, it does not."""
    struck = []

    def strike(request):
        if request.is_lock() or struck:
            return
        seen = sum(not r.is_lock() for r in bed.api.writes())
        if seen + (side == "before") == number:
            struck.append(request)
            _kill(process)

    setattr(bed.api, f"{side}_write", strike)
    process.wait()
    setattr(bed.api, f"{side}_write", lambda request: None)
    return bool(struck)


def at_lock(bed, process):
    struck = []

    def strike(request):
        if request.is_lock() and not struck:
            struck.append(request)
            _kill(process)

    bed.api.after_write = strike
    process.wait()
    bed.api.after_write = lambda request: None
    return bool(struck)


def small_disk(bed, size):
    """Before Drover starts."""
    bed.state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", bed.state], check=True)


def more_disk(bed):
    subprocess.run(["mount", "-o", "remount,size=64m", bed.state], check=True)


def no_disk(bed):
    if os.path.ismount(bed.state):
        subprocess.run(["umount", bed.state], check=True)


def strike(bed, start, what):
    """Starts Drover by start() and ends it. Its outcome, and whether it was ended: it may have come to its end before."""
    kind, where, milliseconds = re.fullmatch(r"(\w+):?([^+]*)(?:\+(\d+))?", what).groups()
    if kind == "disk":
        small_disk(bed, int(where))
    old = journal_size(bed)
    process = start()
    if kind == "disk":
        struck = process.wait(120) != 0
        more_disk(bed)
    elif kind == "journal":
        struck = at_line(bed, process, 0, milliseconds, "lines", where)
    elif kind == "at":
        struck = at_line(bed, process, old, milliseconds, "mark", journal.mark_of(*where.rsplit(":", 1)))
    elif kind == "lock":
        struck = at_lock(bed, process)
    else:
        struck = at_write(bed, process, int(where), kind)
    return bed.end(process), struck
