#!/usr/bin/env python3
"""S4, S5: nodes are rebooted by the run, with a Drover that lives through it and with one that is killed, and machines are reset in the
middle of a command: each run comes to its good end, and nothing is started twice but what the reset itself cut off."""
import sys

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from as_shown import outside_capsules  # noqa: E402
from bed import QUICK  # noqa: E402
from control import started  # noqa: E402
from invariants import not_as_planned, not_finished  # noqa: E402
from node import CALLS  # noqa: E402
from meddle import APPLY, RESUME, finish, killed, other_capsules, records  # noqa: E402
from tally import run  # noqa: E402


def boots(bed, expected):
    found = {name: node.reboots() for name, node in bed.nodes.items()}
    return [] if found == expected else [f"reboots: {found}, not {expected}"]


def write_plan(bed, os_policy):
    bed.plan = f"os: {{reboot: {os_policy}}}\n{QUICK}"
    bed.write_plan()


def ended(bed, outcome, free=()):
    if outcome.code != 0:
        return [outcome.text()]
    return not_finished(bed, bed.before) + not_as_planned(bed) + other_capsules(bed, free) + bed.unknown()


def each_once(bed):
    write_plan(bed, "always")
    outcome = bed.drover(*APPLY)
    yield "reboot: always", ended(bed, outcome) + boots(bed, {"cp1": 1, "w1": 1, "w2": 1}) + outside_capsules(bed)
    steps = [r["step"] for r in records(bed) if r["type"] == "step-begun" and r["step"].startswith("v1.34/w1/")]
    order = [steps.index(f"v1.34/w1/{name}") for name in ("drain", "kubelet-package", "reboot", "kubelet-restart", "uncordon")]
    yield "the reboot lies in the drain, between the new package and the restart", [] if order == sorted(order) else str(steps)


def if_required(bed):
    """One asks before the plan, one while the run is under way, and one never."""
    write_plan(bed, "if-required")
    bed.nodes["w1"].write("run/reboot-required", "*** System restart required ***\n")
    bed.nodes["w1"].write("run/reboot-required.pkgs", "linux-image-amd64\n")
    shown = bed.drover("plan", "UPGRADE")
    missing = [s for s in ("reboot w1, which asks for it: /run/reboot-required", "linux-image-amd64", "reboot w2, if it asks for it by then")
               if s not in shown.out]
    yield "the plan says why", [f"it does not say {missing}", shown.out] if missing else []
    process = started(bed, APPLY, "v1.34/w1/settled", "step-begun")
    bed.nodes["w2"].write("run/reboot-required", "")
    outcome = bed.end(process)
    yield "reboot: if-required", ended(bed, outcome, [("cp1", "v1.34-cp1-reboot")]) + boots(bed, {"cp1": 0, "w1": 1, "w2": 1})


def killed_in_reboot(bed):
    """Before the command is sent, while the machine goes down, and when it is up again."""
    write_plan(bed, "always")
    killed(bed, APPLY, "at:v1.34/cp1/reboot:effect-intent")
    killed(bed, RESUME, "at:v1.34/w1/reboot:effect-intent+600")
    killed(bed, RESUME, "at:v1.34/w2/reboot:effect-outcome+200")
    yield "killed in each reboot", finish(bed) + boots(bed, {"cp1": 1, "w1": 1, "w2": 1})


RESETS = ("upgrade-node", "kubelet-package", "kubelet-restart")


def reset_within(bed):
    """w1 loses its power in the middle of three commands of one run, which goes on by itself; each is done again, once."""
    node = bed.nodes["w1"]
    for step in RESETS:
        node.stall(step)
    process = bed.start(*APPLY)
    for step in RESETS:
        node.wait_for_step(step)
        node.reset()
    outcome = bed.end(process)
    free = [("w1", f"v1.34-w1-{step}") for step in RESETS]
    yield "w1 is reset within three commands", ended(bed, outcome, free) + boots(bed, {"cp1": 0, "w1": 3, "w2": 0})
    for step in RESETS:
        resolved = [r["fields"].get("resolved", "") for r in records(bed) if r["type"] == "effect-outcome" and r.get("step") == f"v1.34/w1/{step}"]
        calls = [one for one in node.starts() if CALLS[step] in one]
        wrong = [] if resolved == ["rebooted", ""] and len(calls) == 2 else f"outcomes {resolved}, calls {calls}"
        yield f"{step} is cut off, looked at, and done again once", wrong
    yield "the operator is told", [] if outcome.out.count("the machine was restarted within") == 3 else outcome.text()


def main():
    return meddle.main("S4 and S5, rebooted and reset", (each_once, if_required, killed_in_reboot, reset_within))


if __name__ == "__main__":
    run(main)
