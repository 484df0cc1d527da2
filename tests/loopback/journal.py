"""A run's journal, as it grows and as it is left behind."""
import ctypes
import json
import os
import select
import time

IN_MODIFY = 2
_libc = ctypes.CDLL(None, use_errno=True)


def lines(path):
    """The whole lines of a journal; a torn one at its end was never durable."""
    if not path.exists():
        return []
    return [line for line in path.read_bytes().split(b"\n")[:-1] if line]


def intents(path):
    """The fields of every intent."""
    records = [json.loads(line) for line in lines(path)]
    return [r["fields"] for r in records if r["type"] == "effect-intent"]


def wait_for_file(find, process):
    """The path that find() gives once it exists; None when the process ends before."""
    while process.poll() is None:
        path = find()
        if path is not None and path.exists():
            return path
        time.sleep(0.001)
    return None


def wait_for_lines(path, number, process):
    """True as soon as the journal has so many lines; False when the process ends before. The kernel tells of each write,
    so that whoever acts on the answer is not later than the sync that follows the write."""
    watch = os.fdopen(_libc.inotify_init(), "rb", buffering=0)
    with watch, open(path, "rb") as journal:
        if _libc.inotify_add_watch(watch.fileno(), os.fsencode(path), IN_MODIFY) < 0:
            raise OSError(ctypes.get_errno(), f"cannot watch {path}")
        count = 0
        while True:
            count += journal.read().count(b"\n")
            if count >= number:
                return True
            if process.poll() is not None:
                return False
            if select.select([watch], [], [], 0.05)[0]:
                os.read(watch.fileno(), 4096)
