"""Ways to disturb a Drover that runs, each at a point that can be named again: [ACTION@]WHERE[+MS].

  lines:N            the journal has N lines
  at:STEP:TYPE[:K]   the Kth record (default 1) of this type of this step ("run": of no step) is written
  started:NODE:STEP  the first command of a step on this node is begun
  ended:NODE:STEP    and has come to its end
  before:N after:N   the API gets its Nth write: before it has its effect, or after it and before its answer
  answer:TEXT        the connection breaks off amid the answer to the next request whose "VERB PATH" has this text
  lock               the lock is taken, and nothing is in the state folder of the run
  disk:KIB           the disk under the state folder is full after so many KiB

ACTION: `kill` (the default: kill -9), `drop` (the connections to the node that is concerned are reset), `cut` (its bytes vanish for three
seconds). Before, after and lock only kill."""
import json
import os
import pathlib
import re
import subprocess
import sys

import journal

WATCHER = pathlib.Path(__file__).resolve().parent / "watcher.py"
POINT = re.compile(r"(?:(kill|drop|cut)@)?(\w+):?([^+]*)(?:\+(\d+))?")
CUT_FOR = "3000"


def journal_size(bed):
    folder = bed.run_folder()
    path = folder / "journal.jsonl" if folder else None
    return path.stat().st_size if path and path.exists() else 0


def watch(bed, process, milliseconds, action, node, *what):
    """Leaves Drover to the watcher, and to itself after that; whether it was struck."""
    ask = lambda command: json.dumps({"do": command, "node": node})
    does = {"kill": ["kill"], "drop": [bed.folder, ask("drop")], "cut": [bed.folder, ask("cut"), CUT_FOR, ask("mend")]}[action]
    watcher = subprocess.run([sys.executable, WATCHER, str(process.pid), milliseconds or "0", *what, "--", *does])
    if watcher.returncode not in (0, 1):
        raise RuntimeError("the watcher broke")
    return watcher.returncode == 0


def at_record(bed, process, old, milliseconds, action, where):
    step, kind, number = re.fullmatch(r"(.*?):([\w-]+)(?::(\d+))?", where).groups()
    node = step.split("/")[1] if "/" in step else "cp1"
    return watch(bed, process, milliseconds, action, node if node in bed.nodes else "cp1", "journal", bed.state / "sandbox/runs", str(old), "record",
                 number or "1", journal.mark_of(step, kind))


def at_write(bed, process, side, number, text=""):
    """The API itself kills: whatever Drover would do next, it does not."""
    bed.do("strike", pid=process.pid, when=side, nth=number, text=text)
    process.wait()
    return bool(bed.do("strike", what="none")["struck"])


def at_answer(bed, process, text):
    bed.do("api", what="cut", count=1, text=text)
    process.wait()
    bed.do("api", what="clear")
    return any(r.fault == "cut" for r in bed.requests())


def small_disk(bed, size):
    """Before Drover starts."""
    bed.state.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", bed.state], check=True)


def more_disk(bed):
    subprocess.run(["mount", "-o", "remount,size=64m", bed.state], check=True)


def no_disk(bed):
    if os.path.ismount(bed.state):
        subprocess.run(["umount", bed.state], check=True)


def strike(bed, start, what):
    """Starts Drover by start() and strikes. Its outcome, and whether it was struck: it may have come to its end before."""
    action, kind, where, milliseconds = POINT.fullmatch(what).groups()
    action = action or "kill"
    if kind == "disk":
        small_disk(bed, int(where))
    old = journal_size(bed)
    process = start()
    if kind == "disk":
        struck = process.wait(120) != 0
        more_disk(bed)
    elif kind == "lines":
        struck = watch(bed, process, milliseconds, action, "cp1", "journal", bed.state / "sandbox/runs", "0", "lines", where)
    elif kind == "at":
        struck = at_record(bed, process, old, milliseconds, action, where)
    elif kind in ("started", "ended"):
        node, step = where.split(":")
        struck = watch(bed, process, milliseconds, action, node, kind, bed.nodes[node].root, step.replace("/", "-"))
    elif kind == "answer":
        struck = at_answer(bed, process, where)
    elif kind == "lock":
        struck = at_write(bed, process, "after", 1, "leases")
    else:
        struck = at_write(bed, process, kind, int(where))
    return bed.end(process, 240), struck
