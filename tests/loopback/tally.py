"""Counts points and what was wrong at them; ends in one line `TITLE: N violations of M points`."""
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

import bed


class Tally:
    def __init__(self, title):
        self.title, self.points, self.violations = title, 0, 0

    def point(self, name, wrong):
        """One point: `wrong` is a text or a list of them; empty when all was well."""
        wrong = [wrong] if isinstance(wrong, str) and wrong else list(wrong)
        self.points += 1
        self.violations += bool(wrong)
        if wrong:
            print(f"VIOLATION at {name}:")
            for text in wrong:
                print("\n".join("  " + line for line in str(text).splitlines()))

    def conclude(self):
        """The exit code."""
        print(f"{self.title}: {self.violations} violations of {self.points} points", flush=True)
        return 1 if self.violations or not self.points else 0


def place():
    """Where clusters lie: in memory where there is room, for each makes a thousand files and takes them away again, which disks are slow at.
    TMPDIR names another."""
    memory, room = pathlib.Path("/dev/shm"), 1 << 30
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return None
    found = os.statvfs(memory)
    return memory if found.f_bavail * found.f_frsize > room and not found.f_flag & os.ST_NOEXEC else None


@contextlib.contextmanager
def scratch(keep=lambda: False):
    """A folder for clusters and states. It is kept for a look when it ends in an exception, or when `keep` says so at the end."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="drover-loopback-", dir=place()))
    try:
        yield folder
    except BaseException:
        print(f"left in place: {folder}", file=sys.stderr)
        raise
    if keep():
        print(f"left in place: {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder)


def run(main):
    """A test program: exit code 0, 1, or 77 where it cannot run (the line before says why)."""
    reason = bed.why_not()
    if reason:
        print(f"skipped: {reason}")
    sys.exit(77 if reason else main())
