"""Ways to end a Drover that runs, each at a point that can be named again:

  journal:N[+MS]   kill -9 when the journal has N lines (MS milliseconds later)
  before:N after:N kill -9 when the API gets its Nth write: before it has its effect, or after it and before its answer
  lock             kill -9 after the lock is taken, before anything is in the state folder of the run
  disk:KIB         the disk under the state folder is full after so many KiB
"""
import os
import re
import subprocess
import time

import journal


def _kill(process):
    process.kill()
    process.wait()


def _find_journal(bed):
    folder = bed.run_folder()
    return folder / "journal.jsonl" if folder else None


def at_line(bed, process, number, milliseconds):
    path = journal.wait_for_file(lambda: _find_journal(bed), process)
    if path is None or not journal.wait_for_lines(path, number, process):
        return False
    time.sleep(milliseconds / 1000)
    if process.poll() is not None:
        return False
    _kill(process)
    return True


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
    kind, number, milliseconds = re.fullmatch(r"(\w+):?(\d*)(?:\+(\d+))?", what).groups()
    if kind == "disk":
        small_disk(bed, int(number))
    process = start()
    if kind == "disk":
        struck = process.wait(120) != 0
        more_disk(bed)
    elif kind == "journal":
        struck = at_line(bed, process, int(number), int(milliseconds or 0))
    elif kind == "lock":
        struck = at_lock(bed, process)
    else:
        struck = at_write(bed, process, int(number), kind)
    return bed.end(process), struck
