"""Machines that go down in an upgrade: rebooted by it, reset by somebody in the middle of its commands, or cut off for a minute."""
import collections
import json
import random
import shlex
import time

import after
import fingerprint
import product
import stream
from bed import access, machines
from bed.common import each

REBOOT = "os: {reboot: always}\n"
LONGEST = 1800      # seconds that the whole upgrade may take
CUT = 60            # seconds without a cable
RESETS = 10         # at least
# How often a machine is reset in the middle of each of its commands: a third time within one attempt is given up. More than RESETS
# in all, since a reset that comes after its command's end is not followed by another there.
WITHIN = {"stage-packages": 2, "stage-images": 1, "repository": 1, "kubeadm-package": 2, "upgrade-node": 2, "kubelet-package": 2, "kubelet-restart": 2}
# Two commands are too short to be met in their middle; these make them longer, under names that the shell finds first.
SLOW = {"kubeadm": "upgrade node", "systemctl": "restart kubelet"}
SLOWLY = 4      # seconds


def slow_down(node):
    for program, words in SLOW.items():
        wrapper = f"#!/bin/sh\nif [ \"$*\" = \"{words}\" ]; then sleep {SLOWLY}; fi\nexec /usr/bin/{program} \"$@\"\n"
        access.on(node, f"printf %s {shlex.quote(wrapper)} > /usr/local/sbin/{program}; chmod 755 /usr/local/sbin/{program}")


def records(drover):
    """The journal by now; a line without its end is still being written."""
    log = drover.event_log()
    return [json.loads(line) for line in log.with_name("journal.jsonl").read_text().rpartition("\n")[0].splitlines()] if log else []


class Trouble:
    """Follows a run's commands: resets one worker's machine in the middle of them, and cuts the other's cable in one, for a minute."""

    def __init__(self, drover, dice, reset, cut):
        self.drover, self.dice, self.reset, self.cut = drover, dice, reset, cut
        self.resets, self.cuts = [], 0

    def meet(self, step):
        _, node, kind = step.split("/")
        if node == self.reset and self.resets.count(step) < WITHIN.get(kind, 0):
            time.sleep(self.dice.uniform(0.5, 3) if kind in ("upgrade-node", "kubelet-restart") else self.dice.uniform(0.05, 0.8))
            self.resets.append(step)
            machines.power("reboot", node)
        elif node == self.cut and kind == "kubelet-package" and not self.cuts:
            time.sleep(self.dice.uniform(0, 0.3))
            self.cuts += 1
            machines.power("cut", node)
            time.sleep(CUT)
            machines.power("mend", node)

    def __call__(self, process):
        end, read = time.monotonic() + LONGEST, 0
        while process.poll() is None and time.monotonic() < end:
            found = records(self.drover)
            for r in found[read:]:
                if r["type"] == "effect-intent" and "command" in r["fields"]:
                    self.meet(r["step"])
            read = len(found)
            time.sleep(0.02)


def resolved(drover):
    """{step: what became of its commands, in order}"""
    found = collections.defaultdict(list)
    for r in records(drover):
        if r["type"] == "effect-outcome" and r["fields"].get("resolved", r["fields"].get("exit_code")) is not None:
            found[r["step"]].append(r["fields"].get("resolved") or r["fields"]["exit_code"])
    return found


def started(node):
    """{step: how many of its capsules were started on the node}"""
    folders = access.on(node, "ls -d /var/lib/drover/steps/*/started | cut -d/ -f6").split()
    return collections.Counter(f.split(".", 1)[1].rsplit(".", 2)[0] for f in folders)


def upgrade(report, name, nodes, target, meanwhile=None):
    """With every node rebooted; the run, and how often each machine was booted in it."""
    drover = product.Drover(report.folder / name, target, plan=REBOOT)
    before = {n: (machines.boots(n), access.on(n, "cat /proc/sys/kernel/random/boot_id")) for n in nodes}
    holds = dict(each(lambda n: (n, access.on(n, "apt-mark showhold | sort")), nodes))
    outcome = drover.run("--output", "json", "apply", "UPGRADE", "--yes", seconds=LONGEST, meanwhile=meanwhile and meanwhile(drover))
    report.check("it exits 0, without any help", outcome.code == 0, outcome.text())
    stream.check(report, drover.journalled_events())
    after.versions(report, nodes, target)
    now = dict(each(lambda n: (n, access.on(n, "apt-mark showhold | sort")), nodes))
    report.check("packages are held as before", now == holds, f"{holds} {now}")
    same = [n for n in nodes if access.on(n, "cat /proc/sys/kernel/random/boot_id") == before[n][1]]
    report.check("every machine has another boot id", not same, same)
    pods = fingerprint.kubectl_json("-n", "default", "get", "deploy,ds")["items"]
    short = [i["metadata"]["name"] for i in pods if i["status"].get("readyReplicas", i["status"].get("numberReady", 0)) < 1]
    report.check("the workloads serve", pods and not short, short)
    outcome = drover.run("plan", "UPGRADE", "--detailed-exitcode")
    report.check("plan afterwards finds nothing to do", outcome.code == 0, outcome.text())
    return drover, {n: machines.boots(n) - before[n][0] for n in nodes}


def rebooted(report, nodes, target):
    drover, boots = upgrade(report, "reboot", nodes, target)
    report.check("every machine was rebooted exactly once", set(boots.values()) == {1}, str(boots))
    counts = {n: started(n)[f"v1.34-{n}-reboot"] for n in nodes}
    report.check("each reboot was asked for exactly once", set(counts.values()) == {1}, str(counts))
    took = [f"{e['step']}: {e['duration_s']:.1f} s" for e in drover.journalled_events() if e["event"] == "step_finished" and e["kind"] == "reboot"]
    report.say(f"         {', '.join(took)}")


def reset_and_cut(report, nodes, target, seed):
    _, reset, cut = nodes
    troubles = []

    def meanwhile(drover):
        troubles.append(Trouble(drover, random.Random(seed), reset, cut))
        return troubles[0]

    report.say(f"         seed {seed} (--seed)")
    slow_down(reset)
    drover, boots = upgrade(report, "reset", nodes, target, meanwhile)
    trouble, outcomes = troubles[0], resolved(drover)
    report.check(f"{reset} was reset {len(trouble.resets)} times, and the cable of {cut} cut", len(trouble.resets) >= RESETS and trouble.cuts == 1,
                 [*trouble.resets, f"{trouble.cuts} cuts"])
    wanted = {n: 1 + (len(trouble.resets) if n == reset else 0) for n in nodes}
    report.check("besides, every machine was rebooted exactly once", boots == wanted, f"{boots}, not {wanted}")
    counts, faults = started(reset), []
    cut_off = sum(o not in ("0", "followed", "prepared") for step in WITHIN for o in outcomes[f"v1.34/{reset}/{step}"])
    for step in WITHIN:
        found, times = outcomes[f"v1.34/{reset}/{step}"], counts[f"v1.34-{reset}-{step}"]
        again = sum(o == "prepared" for o in found)      # under its old name
        if times + again != len(found) or found.count("0") + found.count("followed") != 1:
            faults.append(f"{step}: {times} started, outcomes {found}")
    report.check(f"each command was begun again only when a reset had cut it off ({cut_off} of {len(trouble.resets)} times)", cut_off >= 5 and not faults, faults)
    step = f"v1.34/{cut}/kubelet-package"
    once = started(cut)[step.replace("/", "-")]
    report.check(f"the command that ran when the cable of {cut} was cut ran once, and its outcome is known", once == 1 and outcomes[step] in (["0"], ["followed"]),
                 f"{once} {outcomes[step]}")
