#!/usr/bin/env python3
"""That invariants.py can fail: after an upgrade in which nothing was wrong each promise is broken by hand, and its function must say so."""
import json
import shutil
import sys

sys.dont_write_bytecode = True
import invariants  # noqa: E402
from bed import LEASES, Bed  # noqa: E402
from tally import Tally, run, scratch  # noqa: E402

STARTS, JOURNAL = "nodes/w1/var/lib/sandbox/starts", "journal.jsonl"


def add(path, text):
    with open(path, "a") as file:
        file.write(text)


def change(path, old, new):
    text = path.read_text()
    if old not in text:
        raise RuntimeError(f"{old!r} is not in {path}")
    path.write_text(text.replace(old, new, 1))


def log_request(bed, verb, path, body, status=200):
    add(bed.folder / "api.jsonl", json.dumps({"n": 0, "at": "2099-01-01T00:00:00.000000Z", "node": "cp1", "verb": verb, "path": path, "status": status,
                                              "body": json.dumps(body)}) + "\n")


def cordon_two(bed):
    for name in ("w1", "w2"):
        log_request(bed, "PATCH", f"/api/v1/nodes/{name}", {"spec": {"unschedulable": True}})


def kubelet_too_early(bed):
    path = bed.nodes["w1"].root / "var/lib/sandbox/kubelet"
    lines = path.read_text().splitlines()
    path.write_text(f"{lines[0]}\n{lines[-1].split()[0]} 1.0\n")


def first_step_fails(bed):
    path = bed.run_folder() / JOURNAL
    at = path.read_text().index('"type":"step-ended"')
    path.write_text(path.read_text()[:at] + path.read_text()[at:].replace('"status":"succeeded"', '"status":"failed"', 1))


def a_command_of_its_own(bed):
    capsule = next((bed.nodes["w1"].root / "var/lib/drover/steps").glob("[!.]*/cmd"))
    capsule.write_text("true\n")


def twice(bed):
    last = (bed.folder / STARTS).read_text().splitlines()[-1]
    add(bed.folder / STARTS, last + "\n")


def event_lost(bed):
    path = bed.run_folder() / "events.jsonl"
    lines = path.read_text().splitlines(True)
    path.write_text("".join(lines[:5] + lines[6:]))


# What notices it, and how it is broken.
BREACHES = [
    ("S1", invariants.out_of_order, first_step_fails),
    ("S3, a command", invariants.not_as_planned, a_command_of_its_own),
    ("S3, a request", invariants.not_as_planned, lambda bed: log_request(bed, "POST", "/api/v1/namespaces", {})),
    ("S3, outside of capsules", invariants.not_as_planned, lambda bed: add(bed.folder / STARTS, "- apt-get install more\n")),
    ("S4, started twice", invariants.started_twice, twice),
    ("S4, no intent", invariants.without_intent, lambda bed: add(bed.folder / STARTS, "unheard.of.1.1 apt-get install more\n")),
    ("S6", invariants.too_many_down, cordon_two),
    ("S8 and S9", lambda bed: invariants.outside_windows(bed, bed.before), kubelet_too_early),
    ("S11", invariants.bypassed_budgets, lambda bed: log_request(bed, "DELETE", "/api/v1/namespaces/default/pods/web", {})),
    ("S13", invariants.shown_secrets, lambda bed: add(bed.run_folder() / "output.txt", bed.admin_conf())),
    ("S14, unlocked", invariants.unlocked, lambda bed: [log_request(bed, "PUT", f"{LEASES}/drover", {"spec": {"holderIdentity": "somebody"}}),
                                                      log_request(bed, "PATCH", "/api/v1/nodes/w1", {})]),
    ("events", invariants.torn_events, event_lost),
    ("a hold", lambda bed: invariants.not_finished(bed, bed.before), lambda bed: (bed.nodes["w1"].root / "var/lib/sandbox/holds/kubelet").unlink()),
    ("an old package", lambda bed: invariants.not_finished(bed, bed.before),
     lambda bed: bed.nodes["w1"].write("var/lib/sandbox/packages/kubelet", "1.33.13-1.1\n")),
    ("S10", lambda bed: invariants.left_behind(bed, bed.before), lambda bed: bed.do("patch-node", node="w1", patch={"spec": {"unschedulable": True}})),
    ("S14, held", lambda bed: invariants.left_behind(bed, bed.before), lambda bed: bed.do("lock", lease={"spec": {"holderIdentity": "somebody"}})),
]


def keep(bed, folder):
    for name in ("api.jsonl", STARTS):
        shutil.copy(bed.folder / name, folder / name.replace("/", "-"))
    shutil.copytree(bed.nodes["w1"].root / "var/lib", folder / "lib", symlinks=True)
    shutil.copytree(bed.run_folder(), folder / "run", ignore=shutil.ignore_patterns("control"))


def restore(bed, folder):
    shutil.copy(folder / "api.jsonl", bed.folder / "api.jsonl")
    for kept, place in ((folder / "lib", bed.nodes["w1"].root / "var/lib"), (folder / "run", bed.run_folder())):
        shutil.copytree(kept, place, symlinks=True, dirs_exist_ok=True)
    (bed.run_folder() / "output.txt").unlink(missing_ok=True)
    bed.do("patch-node", node="w1", patch={"spec": {"unschedulable": None}})


def main():
    tally = Tally("Breaches that are noticed")
    with scratch() as folder, Bed(folder / "bed") as bed:
        outcome = bed.drover("apply", "UPGRADE", "--yes")
        tally.point("apply", [] if outcome.code == 0 else outcome.text())
        (folder / "kept").mkdir()
        keep(bed, folder / "kept")
        for name, check, breach in BREACHES:
            tally.point(f"{name}, before", check(bed))
            breach(bed)
            tally.point(name, [] if check(bed) else "the breach is not noticed")
            restore(bed, folder / "kept")
    return tally.conclude()


if __name__ == "__main__":
    run(main)
