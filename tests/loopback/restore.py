#!/usr/bin/env python3
"""etcd restored from a snapshot: refused with nothing changed, done, killed at every line of its journal and gone on with; whatever happens, the
data are replaced once, the old ones are kept, and no control plane is left standing still."""
import json
import os
import pathlib
import sys

sys.dont_write_bytecode = True
import meddle  # noqa: E402
import strike  # noqa: E402
from control import unless  # noqa: E402
from errors import locked  # noqa: E402
from etcd import expect, rule  # noqa: E402
from meddle import RESUME, records  # noqa: E402
from tally import run  # noqa: E402

COMPONENTS = ["etcd.yaml", "kube-apiserver.yaml", "kube-controller-manager.yaml", "kube-scheduler.yaml"]
CALL = "snapshot restore"


def backup(bed, *to):
    outcome = bed.drover("--output", "json", "etcd", "backup", *(word for folder in to for word in ("--to", folder)))
    return pathlib.Path(json.loads(outcome.out)["path"])


def database(bed, name="cp1"):
    return (bed.nodes[name].root / "var/lib/etcd/member/snap/db").read_bytes()


def restores(bed, since=0, name="cp1"):
    return [call for call in bed.nodes[name].starts()[since:] if CALL in call]


def folders(bed, name="cp1"):
    """What stands beside etcd's data and the manifests."""
    root = bed.nodes[name].root
    kept = sorted(path.name for path in (root / "var/lib").glob("etcd.before-*"))
    copies = sorted(path.name for path in (root / "var/lib").glob("drover-restore-*"))
    stopped = sorted(path.name for path in (root / "etc/kubernetes").glob("drover-stopped-*"))
    inside = sorted(path.name for path in (root / "var/lib/etcd").iterdir())
    return {"kept": kept, "copies": copies, "stopped": stopped, "inside": inside,
            "manifests": sorted(path.name for path in (root / "etc/kubernetes/manifests").iterdir())}


def untouched(bed, data):
    return expect("database", database(bed) == data, True) + expect("folders", folders(bed), {
        "kept": [], "copies": [], "stopped": [], "inside": ["member"], "manifests": COMPONENTS}) + [f"{r.verb} {r.path}" for r in bed.writes()] + bed.unknown()


def restored(bed, old, kept=1):
    found = folders(bed)
    wrong = expect("folders kept", len(found["kept"]), kept) + expect("rest", {key: found[key] for key in ("copies", "stopped", "inside", "manifests")}, {
        "copies": [], "stopped": [], "inside": ["member"], "manifests": COMPONENTS})
    if found["kept"]:
        newest = bed.nodes["cp1"].root / "var/lib" / found["kept"][-1]
        wrong += expect("kept data", (newest / "member/snap/db").read_bytes() == old, True)
    wrong += expect("new data", database(bed) != old, True) + bed.unknown()
    bed.wait_for_api()
    return wrong + expect("lock", bed.lock_holder() or "", "")


def refused(bed):
    snapshot, data = backup(bed), database(bed)
    bed.forget_requests()
    whole = snapshot.read_bytes()
    yield "without a terminal", unless(bed.drover("etcd", "restore", snapshot), 2, "--yes") + untouched(bed, data)
    bad = bed.folder / "bad.db"
    for what, content in (("empty", b""), ("cut off", whole[:-1]), ("without its checksum", whole[:-32]), ("flipped", whole[:9000] + bytes([whole[9000] ^ 1]) + whole[9001:]),
                          ("no snapshot", os.urandom(512 * 8 + 32))):
        bad.write_bytes(content)
        yield f"a snapshot that is {what}", unless(bed.drover("etcd", "restore", "--yes", bad), 4, "bad.db") + untouched(bed, data)
    outcome = bed.drover("etcd", "restore", "--dry-run", snapshot)
    yield "--dry-run", unless(outcome, 0, "is lost", "revision 1187", "node/cp1/etcd-restore-data", "node/w1/kubelet-restart") + untouched(bed, data)
    manifest = bed.nodes["cp1"].root / "etc/kubernetes/manifests/kube-scheduler.yaml"
    text = manifest.read_bytes()
    manifest.unlink()
    yield "a manifest that is away", unless(bed.drover("etcd", "restore", "--yes", snapshot), 4, "no manifest of kube-scheduler")
    manifest.write_bytes(text)
    etcd = bed.nodes["cp1"].root / "etc/kubernetes/manifests/etcd.yaml"
    text = etcd.read_text()
    etcd.write_text(text.replace("3.5.24", "3.4.3"))
    yield "an etcd that is too old", unless(bed.drover("etcd", "restore", "--yes", snapshot), 4, "etcd 3.4.3 cannot restore")
    etcd.write_text(text)
    locked(bed)
    yield "another run holds the cluster", unless(bed.drover("etcd", "restore", "--yes", snapshot), 6, "elsewhere")
    bed.drover("lock", "release", "--yes")
    bed.do("refuse", node="w1")
    yield "a worker that is not reached", unless(bed.drover("etcd", "restore", "--yes", snapshot), 8, "w1")
    bed.do("mend", node="w1")
    yield "nothing was changed", expect("database", database(bed) == data, True) + expect("calls", restores(bed), [])


def done(bed):
    snapshot, data = backup(bed), database(bed)
    locked_then = bed.lock_holder()
    outcome = bed.drover("--output", "json", "etcd", "restore", "--yes", snapshot, seconds=240)
    said = json.loads(outcome.out.splitlines()[-1]) if outcome.out else {}
    yield "restore", unless(outcome, 0) + restored(bed, data) + expect("calls", len(restores(bed)), 1) + \
        expect("steps", {step["status"] for step in said.get("steps", [])} <= {"succeeded", "skipped"}, True)
    yield "nothing is unfinished", unless(bed.drover(*RESUME), 0, "Nothing is unfinished")
    yield "status tells of it", unless(bed.drover("status"), 0, "etcd restore")
    bed.do("api", what="down")
    outcome = bed.drover("etcd", "restore", "--dry-run", snapshot, seconds=240)
    yield "without the API it is foreseen too", unless(outcome, 0, "the API does not answer", "node/cp1/static-pods-stop")
    bed.do("api", what="up")
    yield "the lock is as before", expect("lock", bed.lock_holder() or "", locked_then or "")


def failing(bed):
    """The data folder's own command fails, and is gone on with."""
    snapshot, data = backup(bed), database(bed)
    rule(bed, "fail:1", CALL)
    outcome = bed.drover("etcd", "restore", "--yes", snapshot, seconds=240)
    yield "it fails", unless(outcome, 5, "restoring etcd's data", "drover resume") + expect("database", database(bed) == data, True) + \
        expect("API", [one["api"] for one in bed.cluster()["api"].values()], ["gone"])
    yield "another restore waits", unless(bed.drover("etcd", "restore", "--yes", snapshot), 4, "unfinished-run", "drover resume")
    name = next((bed.nodes["cp1"].root / "var/lib").glob("drover-restore-*"))
    name.unlink()
    yield "resume sends the snapshot again", unless(bed.drover(*RESUME, seconds=240), 0) + restored(bed, data)


def given_up(bed):
    """Its control plane stands still: that is said, with where its parts are."""
    snapshot, data = backup(bed), database(bed)
    rule(bed, "fail:1", CALL)
    yield "it fails with the control plane stopped", unless(bed.drover("etcd", "restore", "--yes", snapshot, seconds=240), 5)
    yield "cancel", unless(bed.drover("cancel"), 0, "The control plane of cp1 may stand still", "drover-stopped-") + expect("database", database(bed) == data, True)
    root = bed.nodes["cp1"].root / "etc/kubernetes"
    stopped = next(root.glob("drover-stopped-*"))
    yield "a restore afterwards says so, too", unless(bed.drover("etcd", "restore", "--yes", snapshot), 4, stopped.name)
    for manifest in stopped.iterdir():
        manifest.rename(root / "manifests" / manifest.name)
    bed.wait_for_api()
    yield "put back by hand, nothing is unfinished", unless(bed.drover(*RESUME), 0, "Nothing is unfinished")


def points(bed):
    """[step, type] of each line of the newest journal."""
    return [(r.get("step", "run"), r["type"]) for r in records(bed)]


def killed_everywhere(bed):
    """One run, killed again and again: a process that goes on with it dies at its second line, the next at its third, and so on up to its eighth."""
    snapshot, data = backup(bed), database(bed)
    words, deaths = ("etcd", "restore", "--yes", str(snapshot)), 0
    for _ in range(300):
        have = len(records(bed)) if bed.run_folder() else 0
        outcome, struck = strike.strike(bed, lambda: bed.start(*words), f"lines:{have + 2 + deaths % 7}")
        if bed.run_folder() and len(records(bed)) > 1:
            words = RESUME
        if not struck:
            yield f"after {deaths} kills it comes to its end", unless(outcome, 0)
            break
        deaths += 1
    else:
        yield "it comes to an end", ["it was killed 300 times"]
    kinds = {kind for _, kind in points(bed)}
    yield "it was killed everywhere", expect("often", deaths > 10, True) + expect("records", {"step-begun", "effect-intent", "effect-outcome", "step-ended"} <= kinds, True)
    yield "it is restored, once", restored(bed, data) + expect("calls", len(restores(bed)), 1)


def main():
    return meddle.main("etcd restored", (refused, done, failing, given_up, killed_everywhere))


if __name__ == "__main__":
    run(main)
