#!/usr/bin/env python3
"""etcd restored from a snapshot: refused with nothing changed, done, killed at every line of its journal and gone on with; whatever happens, the
data are replaced once, the old ones are kept, and no control plane is left standing still."""
import hashlib
import json
import os
import pathlib
import shutil
import sys
import time

sys.dont_write_bytecode = True
import meddle  # noqa: E402
import strike  # noqa: E402
from bed import LEASES  # noqa: E402
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
    outcome = bed.drover("etcd", "restore", "--dry-run", "--commands", snapshot)
    yield "--dry-run --commands", unless(outcome, 0, "etcd-restore-data", "--bump-revision=", "runs as root in this frame", "PUT /apis/coordination.k8s.io/v1/") + \
        untouched(bed, data)
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


def lock_of_then(bed):
    """Whoever held the lock when the snapshot was saved does not lock everybody out."""
    locked(bed)
    told, deadline = bed.nodes["cp1"].root / "var/lib/sandbox/lock", time.monotonic() + 10
    while not told.exists() or not told.read_text():
        if time.monotonic() > deadline:
            raise RuntimeError("the sandbox does not tell of its lock")
        time.sleep(0.02)
    snapshot, data = backup(bed), database(bed)
    yield "the lock is given back after the backup", unless(bed.drover("lock", "release", "--yes"), 0) + expect("lock", bed.lock_holder(), "")
    bed.forget_requests()
    outcome = bed.drover("etcd", "restore", "--yes", snapshot, seconds=240)
    puts = [r for r in bed.writes() if r.is_lock()]
    yield "it came back with the data, and is freed", unless(outcome, 0, "the lock is free of who held it") + restored(bed, data) + \
        expect("writes of the lock", [(r.verb, r.path, json.loads(r.body)["spec"]["holderIdentity"]) for r in puts], [("PUT", f"{LEASES}/drover", "")])


def another_cluster(bed):
    """A run that was killed goes on with nothing but what it was planned for."""
    snapshot, data = backup(bed), database(bed)
    strike.strike(bed, lambda: bed.start("etcd", "restore", "--yes", snapshot), "at:node/cp1/snapshot-present:step-ended")
    authority, length = bed.nodes["cp1"].root / "etc/kubernetes/pki/ca.crt", len(records(bed))
    was, planned = authority.read_bytes(), bed.plan_json()["fingerprint"]["host/cp1/ca"]
    authority.write_bytes(was + b"#")
    is_now = hashlib.sha256(was + b"#").hexdigest()
    yield "its certificate authority is another", unless(bed.drover(*RESUME), 7, "cp1 is of another cluster than that of run", is_now, planned, "see the addresses") + \
        expect("planned", planned, hashlib.sha256(was).hexdigest()) + expect("journal", len(records(bed)), length) + expect("database", database(bed) == data, True)
    authority.write_bytes(was)
    yield "put back, it goes on", unless(bed.drover(*RESUME, seconds=240), 0) + restored(bed, data)


def manifests(bed):
    folder = bed.nodes["cp1"].root / "etc/kubernetes/manifests"
    return {name: (folder / name).read_text() for name in COMPONENTS}


def given(bed):
    """What is left of the ones that were given, and of those of before."""
    root = bed.nodes["cp1"].root / "etc/kubernetes"
    kept = [{name: (path / name).read_text() for name in COMPONENTS} for path in root.glob("manifests.before-*")]
    return sorted(path.name for path in root.glob("drover-given-*")), kept


def give(bed, texts):
    folder = bed.folder / "before/cp1"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def half_upgraded(bed):
    """A snapshot of 1.33, and a control plane of 1.34 whose kubelets are all of 1.33 still."""
    snapshot, before = backup(bed), manifests(bed)
    outcome, struck = strike.strike(bed, lambda: bed.start("apply", "UPGRADE", "--yes"), "at:v1.34/cp1/control-plane-healthy:step-ended")
    if not struck:
        raise RuntimeError(outcome.text())
    shutil.rmtree(bed.run_folder())     # it is not this run that is told of here
    bed.wait_for_api()
    return snapshot, before


def words(bed, snapshot, *more):
    return ("etcd", "restore", "--yes", "--with-manifests", bed.folder / "before", snapshot, *more)


def manifests_refused(bed):
    """Whatever is wrong with them is said together, and nothing is changed."""
    snapshot, before = half_upgraded(bed)
    data, now = database(bed), manifests(bed)
    same = lambda: expect("database", database(bed) == data, True) + expect("manifests", manifests(bed) == now, True) + expect("given", given(bed), ([], [])) + \
        expect("calls", restores(bed), [])
    yield "a snapshot of another version", unless(bed.drover("etcd", "restore", "--yes", snapshot), 4, "snapshot-version", "v1.34.4", "--with-manifests") + same()
    yield "no folder", unless(bed.drover(*words(bed, snapshot)), 4, "no etcd.yaml, kube-apiserver.yaml") + same()
    wrong = dict(before)
    del wrong["kube-scheduler.yaml"]
    wrong["kube-apiserver.yaml"] = now["kube-apiserver.yaml"]
    wrong["kube-controller-manager.yaml"] = "kind: [\x1b[2J"
    wrong["etcd.yaml"] = before["etcd.yaml"].replace("--name=cp1", "--name=cp2")
    folder = give(bed, wrong)
    yield "all wrong at once", unless(bed.drover(*words(bed, snapshot)), 4, "no kube-scheduler.yaml", "kube-apiserver of v1.34.4", "is no manifest of kube-controller-manager",
                                      "its member is cp2") + same()
    give(bed, before)
    outcome = bed.drover("etcd", "restore", "--dry-run", "--with-manifests", bed.folder / "before", snapshot)
    yield "--dry-run", unless(outcome, 0, "The manifests of cp1 are replaced by those in", str(folder), "verify the copies of the snapshot and of the manifests on cp1") + same()
    (bed.nodes["w1"].root / "var/lib/sandbox/packages/kubelet").write_text("1.34.4-1.1\n")
    yield "a kubelet that is newer", unless(bed.drover(*words(bed, snapshot)), 4, "skew", "w1: its kubelet is of v1.34.4") + same()


def with_manifests(bed):
    """Killed again and again on its way; the copies are taken away meanwhile."""
    snapshot, before = half_upgraded(bed)
    data, now = database(bed), manifests(bed)
    folder, said = give(bed, before), False
    start, deaths = words(bed, snapshot), 0
    for _ in range(100):
        have = len(records(bed)) if bed.run_folder() else 0
        outcome, struck = strike.strike(bed, lambda: bed.start(*start), f"lines:{have + 2 + deaths % 5}")
        if bed.run_folder() and len(records(bed)) > 1:
            start = RESUME
        if not struck:
            break
        deaths += 1
        copy = next(iter(sorted((bed.nodes["cp1"].root / "etc/kubernetes").glob("drover-given-*.yaml"))), None)
        if copy and start == RESUME and deaths > 2 and not said:
            copy.unlink()
            said = True
            yield "a copy that is gone, of a file that was changed", unless(changed(bed, folder, copy), 3, "is another file than that of this run")
    left, kept = given(bed)
    yield f"after {deaths} kills it comes to its end", unless(outcome, 0) + expect("often", deaths > 5, True)
    yield "the manifests are those given, and those of before are kept", restored(bed, data) + expect("in place", manifests(bed) == before, True) + \
        expect("copies left", left, []) + expect("kept", kept == [now], True) + expect("calls", len(restores(bed)), 1)
    yield "a copy was taken away", expect("it", said, True)
    yield "the control plane is of the version of then", unless(bed.drover("etcd", "restore", "--dry-run", snapshot), 0, "is to be restored")


def changed(bed, folder, copy):
    """`resume` while the file of this copy is another."""
    file = next(file for file in folder.iterdir() if copy.name.endswith("-" + file.name))
    text = file.read_text()
    file.write_text(text + "# changed\n")
    outcome = bed.drover(*RESUME, seconds=240)
    file.write_text(text)
    return outcome


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
    return meddle.main("etcd restored", (refused, done, failing, given_up, another_cluster, lock_of_then, manifests_refused, with_manifests, killed_everywhere))


if __name__ == "__main__":
    run(main)
