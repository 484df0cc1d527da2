#!/usr/bin/env python3
"""etcd looked at, saved, verified, listed, pruned and defragmented, and what goes wrong with each: nothing half is ever left, here or on the node, and what is
damaged is never taken for whole."""
import json
import os
import pathlib
import shutil
import signal
import stat
import sys
import time

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from control import lock_held, unless  # noqa: E402
from errors import locked  # noqa: E402
from meddle import RESUME, killed, other_capsules  # noqa: E402
from tally import run  # noqa: E402

THERE = "var/backups/drover"


def etcd(bed, *words):
    """The outcome, and its one line of JSON."""
    outcome = bed.drover("--output", "json", "etcd", *words)
    lines = outcome.out.splitlines()
    return outcome, json.loads(lines[0]) if len(lines) == 1 else {}


def expect(what, found, wanted):
    return [] if found == wanted else [f"{what}: {found}, not {wanted}"]


def backups(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def left(bed, folder, names):
    """Nothing but these is here, and nothing at all on the node."""
    root = bed.nodes["cp1"].root
    there = backups(root / THERE) + [name for name in backups(root / "var/lib/etcd") if name != "member"]
    return expect("left here", backups(folder), sorted(names)) + expect("left on cp1", there, [])


def no_writes(bed):
    return [f"{r.verb} {r.path}" for r in bed.writes()] + bed.unknown()


def rule(bed, action, text):
    return bed.nodes["cp1"]._do("fault", action=action, nth=1, text=text)["id"]


def status(bed):
    outcome = bed.drover("etcd", "status")
    yield "status", unless(outcome, 0, "etcd is well, 1 member", "cp1", "leader", "healthy", "2048.0 MiB") + no_writes(bed)
    outcome, said = etcd(bed, "status")
    member = (said.get("members") or [{}])[0]
    yield "status, for programs", unless(outcome, 0) + expect("member", (member.get("host"), member.get("leader"), member.get("health"), member.get("version")),
                                                              ("cp1", True, "healthy", "3.5.24"))
    rule(bed, "fail:1", "endpoint health")
    yield "a member that does not say how it is", unless(bed.drover("etcd", "status"), 4, "does not say whether it is healthy", "a quorum is 1")
    rule(bed, "fail:1", "endpoint status")
    yield "a member that does not answer", unless(bed.drover("etcd", "status"), 4, "cp1: its etcd does not answer", "context deadline exceeded")
    bed.do("api", what="down")
    yield "status without the API", unless(bed.drover("etcd", "status"), 0, "etcd is well")
    bed.do("api", what="up")
    bed.wait_for_api()
    bed.do("refuse", node="cp1")
    yield "status without the control plane", unless(bed.drover("etcd", "status"), 8, "cp1")
    bed.do("mend", node="cp1")


def backup(bed):
    folder = bed.folder / "backups"
    before = bed.lock_holder()
    outcome, first = etcd(bed, "backup")
    name = pathlib.Path(first.get("path", "/none")).name
    yield "backup", unless(outcome, 0) + left(bed, folder, [name]) + no_writes(bed) + expect("lock", bed.lock_holder(), before)
    if outcome.code:
        return
    made = folder / name
    yield "it is for its owner only", expect("mode", stat.S_IMODE(made.stat().st_mode), 0o600) + expect("folder", stat.S_IMODE(folder.stat().st_mode), 0o700)
    yield "it says what it is", expect("bytes", first["bytes"], made.stat().st_size) + expect("revision", first["revision"], 1187) + \
        expect("hash", isinstance(first["hash"], int), True)
    yield "verify", unless(bed.drover("etcd", "verify", made), 0, "a whole snapshot of etcd", "revision 1187", first["sha256"])
    locked(bed)
    outcome, second = etcd(bed, "backup", "--host", "cp1")
    yield "backup while another run holds the cluster", unless(outcome, 0) + left(bed, folder, [name, pathlib.Path(second["path"]).name])
    bed.drover("lock", "release", "--yes")
    old, middle, theirs = name, pathlib.Path(second["path"]).name, [f"{name}.gpg", "etcd-1.33.13-20200101T000000Z.db", "etcd-other-20200101T000000Z-aaaa.db", "notes.txt"]
    for one in theirs:
        (folder / one).write_text("x")
    outcome, third = etcd(bed, "backup", "--keep", "2")
    newest = pathlib.Path(third.get("path", "/none")).name
    gone = [pathlib.Path(path).name for path in third.get("pruned", [])]
    yield "prune by count", unless(outcome, 0) + expect("pruned", gone, [min(old, middle)]) + \
        expect("kept", backups(folder), sorted([max(old, middle), newest, *theirs]))
    aged = "etcd-sandbox-20200101T000000Z-0123.db"
    (folder / aged).write_text("x")
    outcome, fourth = etcd(bed, "backup", "--keep-for", "1h")
    yield "prune by age", unless(outcome, 0) + expect("pruned", [pathlib.Path(p).name for p in fourth.get("pruned", [])], [aged])
    for words in (("--keep", "0"), ("--keep-for", "soon"), ("--via-dir", "here"), ("--host", "w1"), ("--host", "nobody")):
        yield f"backup {' '.join(words)}", unless(bed.drover("etcd", "backup", *words), 2, words[0].strip("-") if words[1] != "nobody" else "nobody")
    listed, said = etcd(bed, "list")
    good = [one for one in said.get("snapshots", []) if one["verified"]]
    yield "list", unless(listed, 0) + expect("verified", len(good), len([n for n in backups(folder) if n.startswith("etcd-sandbox-") and n.endswith(".db")]))
    yield "list, for people", unless(bed.drover("etcd", "list"), 0, "NAME", "NO: ", newest)


def damaged(bed):
    outcome, made = etcd(bed, "backup", "--to", "whole")
    data = pathlib.Path(made["path"]).read_bytes()
    bad = bed.folder / "bad.db"
    yield "backup elsewhere", unless(outcome, 0)
    for what, content, says in (("empty", b"", "it is empty"), ("cut off", data[:-1], "not the size of a snapshot"), ("cut off at its checksum", data[:-32], "no checksum"),
                                ("without a page", data[:4096] + data[8192:], "checksum"), ("flipped", data[:9000] + bytes([data[9000] ^ 1]) + data[9001:], "damaged"),
                                ("no snapshot", os.urandom(512 * 8 + 32), "no snapshot of etcd")):
        bad.write_bytes(content)
        yield f"verify, {what}", unless(bed.drover("etcd", "verify", bad), 3, says, "bad.db")
    yield "verify, a folder", unless(bed.drover("etcd", "verify", bed.folder), 3, "folder")
    yield "verify, nothing", unless(bed.drover("etcd", "verify", bed.folder / "none.db"), 3, "No such file")


def failing(bed):
    """Whatever breaks, neither machine keeps a half of it."""
    folder = bed.folder / "kept"
    for action, text, says in (("fail:4", "snapshot save", "etcd could not be saved"), ("kill", "snapshot save", "etcd could not be saved")):
        rule(bed, action, text)
        yield f"{action} of {text}", unless(bed.drover("etcd", "backup", "--to", folder), 1, says) + left(bed, folder, [])
    length, hanging = len(bed.nodes["cp1"].starts()), rule(bed, "hang", "snapshot save")
    process = bed.start("etcd", "backup", "--to", folder)
    deadline = time.monotonic() + 60
    while not any("snapshot save" in call for call in bed.nodes["cp1"].starts()[length:]) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    while "stopping" not in bed.output("err").read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    bed.nodes["cp1"]._do("release", id=hanging)
    yield "Ctrl-C while it is saved", unless(bed.end(process), 130, "stopping") + left(bed, folder, [])
    bed.do("fill", node="cp1", path="/var/lib/etcd")
    yield "the node's disk is full", unless(bed.drover("etcd", "backup", "--to", folder), 1, "etcd could not be saved") + left(bed, folder, [])
    bed.do("free", node="cp1", path="/var/lib/etcd")
    (bed.folder / "file").write_text("x")
    yield "a file is in the way", unless(bed.drover("etcd", "backup", "--to", bed.folder / "file"), 3, "file") + no_writes(bed)
    root = bed.nodes["cp1"].root
    mark = root / THERE / ".drover-backup-20200101T000000Z-dead.db"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text("x")
    os.utime(mark, (time.time() - 10000,) * 2)
    outcome, made = etcd(bed, "backup", "--to", folder)
    yield "what a dead one left is taken away", unless(outcome, 0) + left(bed, folder, [pathlib.Path(made.get("path", "/none")).name])
    shutil.rmtree(folder)


DEFRAG = ("etcd", "defrag", "--yes")
STEP = "node/cp1/etcd-defrag"
CALL = "--command-timeout=300s defrag"


def defrags(bed, since):
    return [call for call in bed.nodes["cp1"].starts()[since:] if call.startswith("etcdctl") and call.endswith(CALL)]


def database(bed):
    return (bed.nodes["cp1"].root / "var/lib/etcd/member/snap/db").stat().st_size


def defrag(bed):
    full = database(bed)
    yield "defrag without a terminal", unless(bed.drover("etcd", "defrag"), 2, "--yes") + no_writes(bed)
    rule(bed, "fail:1", "endpoint health")
    yield "defrag while a member is not well", unless(bed.drover(*DEFRAG), 4, "etcd-healthy", "cp1") + expect("size", database(bed), full) + lock_held(bed)
    locked(bed)
    yield "defrag while another run holds the cluster", unless(bed.drover(*DEFRAG), 6, "elsewhere") + expect("size", database(bed), full)
    bed.drover("lock", "release", "--yes")
    outcome = bed.drover(*DEFRAG)
    yield "defrag", unless(outcome, 0, "one member: the API answers nobody", "0.0 MiB before, 0.0 MiB now") + expect("smaller", database(bed) < full, True) + \
        lock_held(bed) + bed.unknown() + other_capsules(bed)
    outcome, said = etcd(bed, "defrag", "--yes")
    member = (said.get("members") or [{}])[0]
    yield "defrag, for programs", unless(outcome, 0) + expect("member", (member.get("host"), member.get("status"), member.get("leader")), ("cp1", "succeeded", True))
    yield "status tells of it", unless(bed.drover("status"), 0, "etcd defrag")


def killed_and_resumed(bed, what):
    """S4, S5. Its first run: the point is looked for in the newest journal."""
    killed(bed, DEFRAG, what)
    yield f"an upgrade waits after a kill {what}", unless(bed.drover("apply", "UPGRADE", "--yes"), 4, "unfinished-run")
    yield f"resume after a kill {what}", unless(bed.drover(*RESUME), 0, "etcd defrag") + lock_held(bed) + bed.unknown()
    yield "it was begun once", expect("calls", len(defrags(bed, 0)), 1)


def killed_before(bed):
    yield from killed_and_resumed(bed, f"at:{STEP}:step-begun")


def killed_amid(bed):
    yield from killed_and_resumed(bed, f"at:{STEP}:effect-intent")
    length, hanging = len(bed.nodes["cp1"].starts()), rule(bed, "hang", CALL)
    process = bed.start(*DEFRAG)
    deadline = time.monotonic() + 60
    while not defrags(bed, length) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    bed.end(process)
    bed.nodes["cp1"]._do("release", id=hanging)
    yield "resume after a kill amid it", unless(bed.drover(*RESUME), 0, "etcd defrag") + expect("calls", len(defrags(bed, length)), 1)
    rule(bed, "fail:1", CALL)
    yield "one failure is tried again", unless(bed.drover(*DEFRAG), 0, "(attempt 2)") + unless(bed.drover(*RESUME), 0, "Nothing is unfinished")


def main():
    return meddle.main("etcd looked at, saved, verified, listed, pruned and defragmented", (status, backup, damaged, failing, defrag, killed_before, killed_amid))


if __name__ == "__main__":
    run(main)
