#!/usr/bin/env python3
"""Strikes when something is written: `watcher.py PID MS WHAT... -- ACTION...`, WHAT being one of

  journal FOLDER SKIP lines N       the newest journal below FOLDER has N lines; its first SKIP bytes were there before
  journal FOLDER SKIP record N TEXT N records with this text stand behind those
  started NODE STEP                 the first command of this step (as capsules name it) was begun in this node's folder
  ended NODE STEP                   and has come to its end

and ACTION `kill`, or SOCKET and lines for a sandbox's control socket, a number among them being milliseconds to wait. It strikes MS
milliseconds later. A process of its own, ahead of all others on the machine: the kernel tells it of each write, and it strikes before the
sync that follows has ended. Exit code 0: struck; 1: the process came to its end before."""
import ctypes
import os
import pathlib
import re
import select
import signal
import socket
import sys
import time

IN_MODIFY, IN_MOVED_TO, IN_CREATE = 2, 0x80, 0x100
LIBC = ctypes.CDLL(None, use_errno=True)


class Gone(Exception):
    """The process came to its end before."""


def ended(process, seconds=0):
    return bool(select.select([process], [], [], seconds)[0])


def wait_until(process, path, satisfied):
    """What satisfied() gives, as soon as it is true; it is asked again after each change of the file or in the folder."""
    watch = LIBC.inotify_init()
    if LIBC.inotify_add_watch(watch, os.fsencode(path), IN_MODIFY | IN_MOVED_TO | IN_CREATE) < 0:
        raise OSError(ctypes.get_errno(), f"cannot watch {path}")
    try:
        while True:
            found = satisfied()
            if found:
                return found
            if process in select.select([watch, process], [], [])[0]:
                raise Gone
            os.read(watch, 4096)
    finally:
        os.close(watch)


def newest_journal(process, folder):
    while True:
        found = sorted(pathlib.Path(folder).glob("*/journal.jsonl"))
        if found:
            return found[-1]
        if ended(process, 0.002):
            raise Gone


def journal(process, folder, skip, kind, number, text=""):
    path = newest_journal(process, folder)
    with open(path, "rb", buffering=0) as file:
        file.seek(int(skip))
        seen = bytearray()

        def satisfied():
            seen.extend(file.read())
            return seen.count(text.encode() if kind == "record" else b"\n") >= int(number)

        wait_until(process, path, satisfied)


def started(process, node, step):
    """The capsule."""
    path = pathlib.Path(node) / "var/lib/sandbox/starts"
    pattern = re.compile(rf"^(\S+\.{re.escape(step)}\.\d+\.\d+) ", re.M)
    return wait_until(process, path, lambda: pattern.search(path.read_text()))[1]


def has_ended(process, node, step):
    folder = pathlib.Path(node) / "var/lib/drover/steps" / started(process, node, step)
    wait_until(process, folder, lambda: (folder / "end").exists() and (folder / "end").read_text().startswith("rc="))


def striker(action):
    """What strikes, as ready as can be."""
    if action == ["kill"]:
        return lambda process: signal.pidfd_send_signal(process, signal.SIGKILL)
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(action[0], os.O_PATH)
    control.connect(f"/proc/self/fd/{folder}/control")

    def tell(_):
        for line in action[1:]:
            if line.isdigit():
                time.sleep(int(line) / 1000)
                continue
            control.sendall(line.encode() + b"\n")
            if b'"ok":true' not in control.recv(65536):
                raise RuntimeError(f"the sandbox refuses {line}")

    return tell


def main(pid, milliseconds, *words):
    process = os.pidfd_open(int(pid))
    split = words.index("--")
    strike = striker(list(words[split + 1:]))
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass      # a little later, then
    try:
        {"journal": journal, "started": started, "ended": has_ended}[words[0]](process, *words[1:split])
    except Gone:
        return 1
    time.sleep(int(milliseconds) / 1000)
    if ended(process):
        return 1
    strike(process)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
