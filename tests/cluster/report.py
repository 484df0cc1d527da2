"""What the suite says: one line a check, and a folder with all that a failure needs."""
import pathlib
import time
import traceback

SHOWN = 40      # lines of a failure's detail on the screen; all of it is in the results folder


class Report:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.passed = self.failed = 0
        self.began = self.last = time.time()

    def section(self, title):
        self.last = time.time()
        self.say(f"\n== {title}")

    def say(self, text=""):
        print(text, flush=True)

    def check(self, title, good, detail=""):
        """One line, with the seconds since the line before; `detail` (text or lines) is shown when it is not good."""
        now = time.time()
        self.say(f"  {'ok    ' if good else 'FAILED'} {title}  ({now - self.last:.1f} s)")
        self.last = now
        if good:
            self.passed += 1
            return True
        self.failed += 1
        lines = detail.splitlines() if isinstance(detail, str) else list(detail)
        for line in lines[:SHOWN]:
            self.say(f"         {line[:300]}")
        if len(lines) > SHOWN:
            full = self.folder / f"failure-{self.failed}.txt"
            full.write_text("\n".join(lines) + "\n")
            self.say(f"         ... {len(lines) - SHOWN} more lines in {full}")
        return False

    def broken(self, title):
        """The scenario ended by the exception that is being handled."""
        self.check(f"{title} ran to its end", False, traceback.format_exc())
