#!/usr/bin/env python3
"""Kills a process when its journal says so: `watcher.py PID FOLDER SKIP MS lines N` or `... mark TEXT`. A process of its own, ahead of
all others on the machine: the kernel tells it of each write to the journal, and it strikes before the sync that follows has ended.

FOLDER: of all runs; the newest one's journal is watched. SKIP: so many bytes of it were there before. MS: how much later to strike.
Exit code 0: killed; 1: the process came to its end before."""
import ctypes
import os
import pathlib
import select
import signal
import sys
import time

IN_MODIFY = 2


def newest(folder):
    runs = sorted(pathlib.Path(folder).glob("*/journal.jsonl"))
    return runs[-1] if runs else None


def ended(process, seconds):
    return bool(select.select([process], [], [], seconds)[0])


def wait_for_file(folder, process):
    """The path of the newest journal; None when the process ends before there is one."""
    path = newest(folder)
    while path is None:
        if ended(process, 0.002):
            return None
        path = newest(folder)
    return path


def wait_for(path, skip, satisfied, process):
    """True as soon as satisfied(the text that was written since the beginning) holds; False when the process ends before."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init()
    if libc.inotify_add_watch(watch, os.fsencode(path), IN_MODIFY) < 0:
        raise OSError(ctypes.get_errno(), f"cannot watch {path}")
    with open(path, "rb", buffering=0) as journal:
        journal.seek(skip)
        text = b""
        while True:
            text += journal.read()
            if satisfied(text):
                return True
            if process in select.select([watch, process], [], [])[0]:
                return False
            os.read(watch, 4096)


def main(pid, folder, skip, milliseconds, kind, what):
    process = os.pidfd_open(int(pid))
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass      # a little later, then
    satisfied = (lambda text: text.count(b"\n") >= int(what)) if kind == "lines" else (lambda text: what.encode() in text)
    path = wait_for_file(folder, process)
    if path is None or not wait_for(path, int(skip), satisfied, process):
        return 1
    time.sleep(int(milliseconds) / 1000)
    if ended(process, 0):
        return 1
    signal.pidfd_send_signal(process, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
