#!/usr/bin/env python3
"""The node commands: cordon, drain, uncordon, a rolling reboot and exec, done, refused, killed half-way and resumed, and met by another
operator. S2, S3, S4, S5, S6, S10, S11 and S14 hold for them as for an upgrade."""
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from as_shown import outside_capsules  # noqa: E402
from bed import binary  # noqa: E402
from control import lock_held, started, unless  # noqa: E402
from invariants import not_as_planned  # noqa: E402
from errors import at_rest, changes, locked  # noqa: E402
from meddle import RESUME, killed, other_capsules, records  # noqa: E402
from reboot import boots  # noqa: E402
from tally import run  # noqa: E402

WORKERS = "!node-role.kubernetes.io/control-plane"
EMPTY = ("--ignore-daemonsets", "--yes", "--timeout", "30s")
REBOOT = ("node", "reboot", "-l", WORKERS, "--settle", "0s", *EMPTY)
MARK = "drover.local/cordon"


def node_json(bed, *words):
    """The outcome, and its one line of JSON."""
    outcome = bed.drover("--output", "json", "node", *words)
    lines = outcome.out.splitlines()
    return outcome, json.loads(lines[0]) if len(lines) == 1 else {}


def unchanged(bed, outcome, code, *says):
    """Refused: nothing was sent, and no run is left that has begun."""
    return unless(outcome, code, *says) + [f"{r.verb} {r.path}" for r in bed.writes() if not r.is_lock()] + bed.unknown()


def cordons(bed):
    nodes = bed.cluster()["nodes"].items()
    return {name: node["unschedulable"] for name, node in nodes if node["unschedulable"] or node["taints"] and name != "cp1" or MARK in node["annotations"]}


def expect(what, found, wanted):
    return [] if found == wanted else [f"{what}: {found}, not {wanted}"]


def pods_on(bed, name):
    """Those that a drain takes away."""
    return sorted(p["name"] for p in bed.cluster()["pods"] if p["node"] == name and not p["static"] and p["workload"] not in ("agent", "kube-proxy"))


def well_done(bed, outcome, says=()):
    """S3: sent as planned, and the lock is free."""
    return unless(outcome, 0, *says) + not_as_planned(bed) + lock_held(bed) + bed.unknown()


def by_kubectl(bed, name):
    bed.do("patch-node", node=name, patch={"spec": {"unschedulable": True}})


def cordon_and_uncordon(bed):
    cordon = ("node", "cordon", "w1", "w2")
    outcome = bed.drover(*cordon, "--dry-run")
    yield "cordon --dry-run", unchanged(bed, outcome, 0, "node/w1 cordoned (dry run)", "node/w2 cordoned (dry run)")
    outcome = bed.drover(*cordon)
    yield "cordon", well_done(bed, outcome, ("node/w1 cordoned\n", "node/w2 cordoned\n")) + expect("cordons", cordons(bed), {"w1": True, "w2": True})
    mark = json.loads(bed.cluster()["nodes"]["w1"]["annotations"][MARK])
    yield "the mark says what it is for", expect("mark", mark, {"run": bed.run_folder().name, "was": False, "for": "node cordon"})
    yield "cordon again", unless(bed.drover(*cordon), 0, "node/w1 already cordoned")
    outcome, said = node_json(bed, "uncordon", "w1")
    yield "uncordon, for programs", expect("status", [n["status"] for n in said.get("nodes", [])], ["uncordoned"]) + unless(outcome, 0)
    yield "uncordon again", unless(bed.drover("node", "uncordon", "w1"), 0, "node/w1 already uncordoned")
    by_kubectl(bed, "w1")
    outcome = bed.drover("node", "uncordon", "-l", WORKERS)
    yield "uncordon of what -l takes", unless(outcome, 0, "node/w2 uncordoned", "w1 was cordoned by somebody else") + expect("cordons", cordons(bed), {"w1": True})
    bed.forget_requests()      # from here on those of one run
    outcome = bed.drover("node", "uncordon", "w1")
    yield "uncordon of another's, by name", well_done(bed, outcome, ("node/w1 uncordoned",)) + expect("cordons", cordons(bed), {})


def drain_told(bed):
    drain = ("node", "drain", "w1", *EMPTY)
    there = pods_on(bed, "w1")
    outcome = bed.drover("node", "drain", "w1", "--dry-run")
    yield "drain --dry-run without --ignore-daemonsets", unchanged(bed, outcome, 4, "--ignore-daemonsets overrides", "node/w1 cannot be drained")
    outcome = bed.drover("node", "drain", "w1", "--yes")
    yield "drain without --ignore-daemonsets", unchanged(bed, outcome, 4, "--ignore-daemonsets overrides")
    yield "drain without a terminal", unchanged(bed, bed.drover("node", "drain", "w1", "--ignore-daemonsets"), 2, "--yes")
    outcome = bed.drover(*drain, "--dry-run")
    says = ["Warning: ignoring DaemonSet-managed Pods: ", "node/w1 drained (dry run)"]
    yield "drain --dry-run", unchanged(bed, outcome, 0, *says, *(f"evicting pod {pod} (dry run)" for pod in there))
    outcome = bed.drover(*drain)
    lines = ["node/w1 cordoned", *(f"evicting pod {pod}" for pod in there), *(f"pod/{pod.split('/')[1]} evicted" for pod in there), "node/w1 drained"]
    yield "drain", well_done(bed, outcome, lines) + expect("pods", pods_on(bed, "w1"), []) + expect("cordons", cordons(bed), {"w1": True})
    yield "what is told stands in kubectl's order", [] if [outcome.out.find(s) for s in (lines[0], lines[1], lines[-1])] == \
        sorted(outcome.out.find(s) for s in (lines[0], lines[1], lines[-1])) else outcome.text()
    refused = [r for r in bed.writes() if r.path.endswith("/eviction") and r.status == 429]
    yield "a refusal is told", [] if not refused or "error when evicting pods/" in outcome.err else outcome.text()
    outcome, said = node_json(bed, "drain", "w1", *EMPTY)
    yield "drain of what is drained", expect("node", said.get("nodes"), [{"node": "w1", "kubernetes_node": "w1", "status": "drained", "evicted": [],
                                                                          "error": None, "remedy": None}])


def drain_out_of_time(bed):
    """Its pods have nowhere to go: the budget allows one of them, and no more."""
    by_kubectl(bed, "w2")
    outcome = bed.drover("node", "drain", "w1", "--ignore-daemonsets", "--yes", "--timeout", "3s")
    wrong = unless(outcome, 5, "unable to drain node/w1", "budget default/web", "resume` goes on") + bed.unknown()
    yield "drain that runs out of time", wrong + expect("cordons", cordons(bed), {"w1": True, "w2": True}) + lock_held(bed)
    apply = bed.drover("apply", "UPGRADE", "--yes")
    yield "an upgrade waits for its end", unless(apply, 4, "unfinished-run")
    yield "status tells it", unless(bed.drover("status"), 0, "node drain w1", "FAILED at drain")
    bed.drover("node", "uncordon", "w2")
    outcome = bed.drover(*RESUME)
    yield "resume", unless(outcome, 0, "node drain w1") + expect("pods", pods_on(bed, "w1"), []) + bed.unknown()
    yield "uncordon", unless(bed.drover("node", "uncordon", "w1"), 0, "node/w1 uncordoned") + expect("cordons", cordons(bed), {})


def made_good(bed):
    """Another drain of the same node takes over what one that failed has left, and nobody has to resume that."""
    by_kubectl(bed, "w2")
    bed.drover("node", "drain", "w1", "--ignore-daemonsets", "--yes", "--timeout", "2s")
    bed.drover("node", "uncordon", "w2")
    bed.forget_requests()
    outcome = bed.drover("node", "drain", "w1", *EMPTY)
    yield "drain again", well_done(bed, outcome)
    mark = json.loads(bed.cluster()["nodes"]["w1"]["annotations"][MARK])
    yield "its cordon is the later one's", expect("run", mark["run"], bed.run_folder().name)
    yield "nothing is left to resume", unless(bed.drover(*RESUME), 0, "Nothing is unfinished")


def rolling(bed):
    outcome = bed.drover(*REBOOT, "--dry-run")
    yield "reboot --dry-run", unchanged(bed, outcome, 0, "at most 1 at a time", "node/w1 rebooted (dry run)", "node/w2 uncordoned (dry run)") + boots(bed, {"cp1": 0, "w1": 0, "w2": 0})
    yield "a control plane that only -l takes", unchanged(bed, bed.drover("node", "reboot", "-l", "kubernetes.io/hostname", *EMPTY), 4, "cp1 is a control plane")
    outcome = bed.drover(*REBOOT)
    wrong = well_done(bed, outcome, ("node/w1 rebooted", "node/w1 uncordoned", "node/w2 rebooted", "node/w2 uncordoned"))
    yield "rolling reboot", wrong + boots(bed, {"cp1": 0, "w1": 1, "w2": 1}) + other_capsules(bed) + outside_capsules(bed) + expect("cordons", cordons(bed), {})
    yield "S6: never two at a time", expect("most cordoned at once", most_cordoned(bed), 1)


def most_cordoned(bed):
    down, most = set(), 0
    for request in bed.writes():
        if request.verb != "PATCH" or not request.effective():
            continue
        name = request.path.rsplit("/", 1)[1]
        down = down | {name} if '"unschedulable":true' in request.body else down - {name}
        most = max(most, len(down))
    return most


def two_at_once(bed):
    bed.do("budget", what="remove", name="default/web")
    outcome = bed.drover(*REBOOT, "--max-unavailable", "100%")
    yield "reboot of both at once", well_done(bed, outcome) + boots(bed, {"cp1": 0, "w1": 1, "w2": 1}) + expect("most cordoned at once", most_cordoned(bed), 2)
    outcome = bed.drover("node", "reboot", "cp1", "--settle", "0s", "--delete-emptydir-data", *EMPTY, seconds=200)
    yield "reboot of the control plane", unless(outcome, 0, "node/cp1 rebooted", "node/cp1 has its static pods back") + boots(bed, {"cp1": 1, "w1": 1, "w2": 1}) + bed.unknown()


def killed_and_resumed(bed):
    """Before its first effect, in a drain, before and after the machine goes down."""
    killed(bed, REBOOT, "before:1")
    killed(bed, RESUME, "at:node/w1/drain:effect-intent+50")
    killed(bed, RESUME, "at:node/w1/reboot:effect-intent+300")
    killed(bed, RESUME, "at:node/w2/reboot:effect-outcome+100")
    outcome = bed.drover(*RESUME)
    wrong = well_done(bed, outcome) + boots(bed, {"cp1": 0, "w1": 1, "w2": 1}) + other_capsules(bed) + expect("cordons", cordons(bed), {})
    yield "killed four times in a rolling reboot", wrong
    yield "S10: one run", expect("runs", len(list((bed.state / "sandbox/runs").iterdir())), 1)


def interrupted(bed):
    by_kubectl(bed, "w2")
    process = started(bed, ("node", "drain", "w1", *EMPTY), "node/w1/drain", "effect-intent")
    process.send_signal(signal.SIGINT)
    outcome = bed.end(process)
    yield "Ctrl-C in a drain", unless(outcome, 130, "resume` goes on") + lock_held(bed) + expect("cordons", cordons(bed), {"w1": True, "w2": True})
    cancelled = bed.drover("cancel")
    yield "cancel", unless(cancelled, 0) + unless(bed.drover(*RESUME), 0, "Nothing is unfinished")


def held_by_an_upgrade(bed):
    killed(bed, meddle.APPLY, "at:v1.34/w1/drain:step-ended")
    at_rest(bed)
    bed.forget_requests()
    outcome = bed.drover("node", "uncordon", "w1")
    yield "the node of an unfinished upgrade", unchanged(bed, outcome, 4, "unfinished-run", "--others", "drover resume")
    wrong = unless(bed.drover("node", "cordon", "w2"), 0, "node/w2 cordoned") + unless(bed.drover("node", "uncordon", "w2"), 0)
    yield "another node, which does not make the upgrade obsolete", wrong + unless(bed.drover("status"), 0, "1.33.13 -> 1.34.4", "KILLED")
    yield "and the upgrade's with --others", unless(bed.drover("node", "uncordon", "w1", "--others"), 0, "node/w1 uncordoned")
    yield "the upgrade goes on", unless(bed.drover("resume", bed_first_run(bed), "--yes"), 0, "is at 1.34.4") + expect("cordons", cordons(bed), {})


def bed_first_run(bed):
    return sorted((bed.state / "sandbox/runs").iterdir())[0].name


def another_operator(bed):
    """S14: whoever comes second is told, and may do what needs no lock."""
    bed.nodes["w2"].write("tmp/wait", "")
    process = bed.start("node", "exec", "w1", "w2", "--", "while test -e /tmp/wait; do sleep 0.05; done; echo through")
    deadline = time.monotonic() + 60
    while not any("exec-" in capsule for _, capsule in bed.capsules()) and time.monotonic() < deadline:
        time.sleep(0.02)
    number = bed.runs
    rival = lambda *words: subprocess.run([binary(), "--state-dir", bed.folder / "rival", *words], capture_output=True, text=True, cwd=bed.folder,
                                          env={"PATH": "/usr/bin:/bin", "HOME": str(bed.folder)}, stdin=subprocess.DEVNULL, timeout=60)
    for words in (("cordon", "w1"), ("drain", "w1", *EMPTY), ("reboot", "w1", *EMPTY), ("exec", "w1", "w2", "--", "true")):
        met = rival("node", *words)
        yield f"{words[0]} beside another operator", [] if met.returncode == 6 and "kube-system/drover" in met.stderr else [f"exit {met.returncode}", met.stdout, met.stderr]
    yield "a dry run needs no lock", [] if rival("node", "cordon", "w1", "--dry-run").returncode == 0 else "it was refused"
    one = rival("node", "exec", "cp1", "--", "echo alone")
    yield "exec on one node needs no lock", [] if (one.returncode, one.stdout) == (0, "alone\n") else [one.stdout, one.stderr]
    bed.runs = number
    (bed.nodes["w2"].root / "tmp/wait").unlink()
    outcome = bed.end(process)
    yield "the first goes on", unless(outcome, 0, "w1 | through", "w2 | through") + lock_held(bed) + expect("cordons", cordons(bed), {}) + bed.unknown()
    locked(bed)
    outcome = bed.drover("node", "drain", "w1", *EMPTY)
    yield "drain under a lock of elsewhere", unchanged(bed, outcome, 6, "elsewhere")


def commands(bed):
    outcome = bed.drover("node", "exec", "w2", "w1", "cp1", "--", "uname -n; echo oops >&2; test $(uname -n) != w1 || exit 7")
    yield "exec", unless(outcome, 7, "cp1 | cp1\n", "w1  | w1\n", "w2  | w2\n", "w1: exit code 7", "w1  | oops") + lock_held(bed) + bed.unknown()
    outcome = bed.drover("node", "exec", "w1", "--", "printf", "%s\\n", "a b", "$HOME", "it's")
    yield "exec with arguments", expect("output", (outcome.code, outcome.out), (0, "a b\n$HOME\nit's\n"))
    outcome, said = node_json(bed, "exec", "w1", "w2", "--", "echo", "hello")
    nodes = [{"node": n, "exit_code": 0, "error": None, "out": "hello\n", "err": ""} for n in ("w1", "w2")]
    yield "exec for programs", expect("nodes", (outcome.code, said.get("nodes")), (0, nodes))
    records_of = [json.loads(line) for line in (pathlib.Path(said["folder"]) / "journal.jsonl").read_text().splitlines()]
    yield "S4: intents and outcomes are on record", expect("records", sorted(r["type"] for r in records_of), sorted(["run-begun", "run-ended"] + ["effect-intent", "effect-outcome"] * 2))
    yield "no run is made of it", expect("runs", bed.run_folder(), None)
    outcome = bed.drover("node", "exec", "w2", "--timeout", "3s", "--", "echo begun; sleep 60")
    wrong = unless(outcome, 5, "begun", "its 3s were up") + unless(bed.drover("node", "exec", "w2", "--timeout", "20s", "--", "echo next"), 0, "next")
    yield "a command whose time is up is ended, and in nobody's way", wrong
    bed.nodes["w1"].write("tmp/wait", "")
    process = bed.start("node", "exec", "w1", "--", "echo begun >>/tmp/begun; while test -e /tmp/wait; do sleep 0.05; done; echo ended")
    deadline = time.monotonic() + 60
    while not (bed.nodes["w1"].root / "tmp/begun").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    bed.do("drop", node="w1")
    (bed.nodes["w1"].root / "tmp/wait").unlink()
    outcome = bed.end(process)
    wrong = expect("output", (outcome.code, outcome.out), (0, "ended\n")) + expect("starts", bed.nodes["w1"].read("tmp/begun"), "begun\n")
    yield "S4: a connection that is cut neither ends nor repeats it", wrong
    bed.do("api", what="down")
    yield "exec on one node needs no API", expect("exit", bed.drover("node", "exec", "cp1", "--", "true").code, 0)
    yield "exec on several nodes does", unless(bed.drover("node", "exec", "cp1", "w1", "--", "true"), 8)
    bed.do("api", what="up")


def away(bed):
    yield "a name that is not there", unchanged(bed, bed.drover("node", "drain", "w11", *EMPTY), 2, "did you mean w1?")
    yield "a label that nothing has", unchanged(bed, bed.drover("node", "cordon", "-l", "disk=ssd"), 4, "takes no node")
    yield "a selector that is wrong", unchanged(bed, bed.drover("node", "cordon", "-l", "disk in"), 2, "parentheses")
    yield "no inventory", unchanged(bed, bed.drover("node", "cordon", "w1", "-i", "nothing.yaml"), 3, "nothing.yaml")
    bed.nodes["w1"].down()
    outcome = bed.drover("node", "reboot", "w1", "w2", *EMPTY)
    yield "reboot of one that is away", unchanged(bed, outcome, 8, "w1")
    outcome = bed.drover("node", "exec", "w1", "w2", "--timeout", "10s", "--", "uname -n")
    yield "exec with one that is away", unless(outcome, 8, "w2 | w2", "w1 (") + lock_held(bed)
    yield "cordon needs no login there", unless(bed.drover("node", "cordon", "w1"), 0, "node/w1 cordoned")
    bed.do("api", what="down")
    yield "cordon without the API", unless(bed.drover("node", "cordon", "w2"), 8)


def main():
    return meddle.main("the node commands", (cordon_and_uncordon, drain_told, drain_out_of_time, made_good, rolling, two_at_once, killed_and_resumed,
                                             interrupted, held_by_an_upgrade, another_operator, commands, away))


if __name__ == "__main__":
    run(main)
