"""Watches a Drover that runs: what the journal says, and when things are due."""
import ctypes
import heapq
import os
import select
import time

IN_MODIFY, IN_CREATE = 2, 0x100
LIBC = ctypes.CDLL(None, use_errno=True)


def watch():
    """A descriptor that tells of files that grow."""
    made = LIBC.inotify_init()
    if made < 0:
        raise OSError(ctypes.get_errno(), "cannot watch files: fewer --jobs, or more of sysctl fs.inotify.max_user_instances")
    return made


class Pulse:
    """Calls what was asked for: when the journal has got so many lines further, or so many seconds after that. For one process."""

    def __init__(self, bed, process):
        self._bed, self._process = bed, process
        self._pidfd, self._watch = os.pidfd_open(process.pid), watch()
        self._file, self._lines, self._watched = None, 0, set()
        self._old = self._size()
        self._by_line, self._timers, self._number = [], [], 0

    def close(self):
        os.close(self._pidfd)
        os.close(self._watch)
        if self._file:
            self._file.close()

    def at_line(self, lines, act):
        self._number += 1
        heapq.heappush(self._by_line, (lines, self._number, act))

    def later(self, seconds, act):
        self._number += 1
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._number, act))

    def run(self, seconds):
        """Until the process ends: True; False when it does not in this time. What was not due by then is left undone."""
        deadline = time.monotonic() + seconds
        while True:
            self._look()
            self._do_what_is_due()
            now = time.monotonic()
            if now > deadline:
                return False
            until = min([deadline, *(t[0] for t in self._timers[:1]), *([] if self._file else [now + 0.1])])
            if self._pidfd in select.select([self._pidfd, self._watch], [], [], max(0, until - now))[0]:
                return True

    def _size(self):
        folder = self._bed.run_folder()
        path = folder / "journal.jsonl" if folder else None
        return (path, path.stat().st_size) if path and path.exists() else (None, 0)

    def _look(self):
        if not self._file:
            self._open()
        if self._file:
            if select.select([self._watch], [], [], 0)[0]:
                os.read(self._watch, 65536)
            self._lines += self._file.read().count(b"\n")

    def _open(self):
        path, _ = self._size()
        if not path:
            return
        LIBC.inotify_add_watch(self._watch, os.fsencode(path), IN_MODIFY)
        self._file = open(path, "rb", buffering=0)
        self._file.seek(self._old[1] if path == self._old[0] else 0)

    def _do_what_is_due(self):
        while self._by_line and self._by_line[0][0] <= self._lines:
            heapq.heappop(self._by_line)[2]()
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()
