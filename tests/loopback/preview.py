#!/usr/bin/env python3
"""S2: plan, check and apply --dry-run leave no trace on any node, in the API, or in the state folder."""
import hashlib
import os
import stat
import sys

sys.dont_write_bytecode = True
from bed import Bed  # noqa: E402
from tally import Tally, run, scratch  # noqa: E402

# What the sandbox writes for itself.
OWN = ("var/log/sshd.log", "var/lib/sandbox/faults")
LOOKS = [(0, "plan", "UPGRADE"), (0, "plan", "UPGRADE", "--commands"), (0, "plan", "UPGRADE", "-o", "PLAN.json"),
         (10, "plan", "UPGRADE", "--detailed-exitcode"), (0, "--output", "json", "plan", "UPGRADE"), (0, "check", "UPGRADE"),
         (0, "check", "--list"), (0, "apply", "UPGRADE", "--dry-run"), (0, "--output", "json", "apply", "UPGRADE", "--dry-run"),
         (2, "apply", "UPGRADE")]     # neither a terminal nor --yes


def tree(root):
    """{path: type, mode and content} of all that lies under a node's root."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            s = os.lstat(path)
            what = stat.filemode(s.st_mode)
            if stat.S_ISREG(s.st_mode):
                with open(path, "rb") as f:
                    what += " " + hashlib.sha256(f.read()).hexdigest()
            found[os.path.relpath(path, root)] = what
    return {path: what for path, what in found.items() if not path.startswith(OWN)}


def trees(bed):
    return {f"{name} /{path}": what for name, node in bed.nodes.items() for path, what in tree(node.root).items()}


def changes(before, after):
    return [f"{path}: {before.get(path, 'nothing')} -> {after.get(path, 'nothing')}"
            for path in sorted({*before, *after}) if before.get(path) != after.get(path)]


def traces(bed, before):
    """What a look left behind, a line a trace."""
    wrong = changes(before, trees(bed))
    wrong += [f"{name} started: {call}" for name, calls in bed.starts().items() for call in calls]
    wrong += [f"the API received {r.verb} {r.path}" for r in bed.writes()]
    wrong += [f"nobody knows {text}" for text in bed.unknown()]
    if bed.state.exists():
        wrong.append(f"a state folder was made: {sorted(str(p) for p in bed.state.rglob('*'))}")
    return wrong


def look(tally, bed, before, code, *words):
    outcome = bed.drover(*words)
    wrong = traces(bed, before)
    if outcome.code != code:
        wrong.append(f"exit code {code} was expected\n{outcome.text()}")
    tally.point(" ".join(words), wrong)


def main():
    tally = Tally("S2, looking changes nothing")
    with scratch() as folder, Bed(folder / "bed") as bed:
        before = trees(bed)
        for code, *words in LOOKS:
            look(tally, bed, before, code, *words)
    return tally.conclude()


if __name__ == "__main__":
    run(main)
