#!/usr/bin/env python3
"""S5, S10: Drover is killed, somebody changes a node or the plan file, and `resume` sees that and ends well: no mutating command
is started twice unless the change itself asks for it, and nothing is left cordoned."""
import collections
import concurrent.futures
import shutil
import sys

sys.dont_write_bytecode = True
import journal  # noqa: E402
import strike  # noqa: E402
from bed import Bed, TARGET  # noqa: E402
from invariants import not_as_planned, not_finished  # noqa: E402
from errors import at_rest, changes, edit  # noqa: E402
from tally import Tally, run, scratch  # noqa: E402

APPLY, RESUME = ("apply", "UPGRADE", "--yes"), ("resume", "--yes")


def records(bed):
    return journal.records(bed.run_folder() / "journal.jsonl")


def killed(bed, words, what):
    """Drover ended at this point; a run that does not come to it tests nothing."""
    outcome, struck = strike.strike(bed, lambda: bed.start(*words), what)
    if not struck:
        raise RuntimeError(f"it did not come to {what}:\n{outcome.text()}")


def intents(bed, step, since=0):
    return [r["seq"] for r in records(bed)[since:] if r["type"] == "effect-intent" and r.get("step") == step]


def other_capsules(bed, free=()):
    """Steps whose commands were not started exactly once; `free`: (node, step) for which the change itself decides that."""
    found = collections.Counter()
    for name, node in bed.nodes.items():
        for capsule in {capsule for capsule, _ in node.starts_by_capsule()} - {"-"}:
            found[name, capsule.split(".", 1)[1].rsplit(".", 2)[0] if "." in capsule else capsule] += 1
    expected = collections.Counter((s.get("node", "cp1"), s["id"].replace("/", "-")) for s in bed.plan_json()["steps"]
                                   for _ in s["commands"] if s["mutates"])
    return [f"{step} on {name} was started {found[name, step]} times, not {expected[name, step]}" for name, step in sorted({*found, *expected})
            if found[name, step] != expected[name, step] and (name, step) not in free]


def finish(bed, free=()):
    outcome = bed.drover(*RESUME)
    if outcome.code != 0:
        return [outcome.text()]
    return not_finished(bed, bed.before) + not_as_planned(bed) + other_capsules(bed, free) + bed.unknown()


def installs(bed, name):
    return [call for call in bed.nodes[name].starts() if " install " in call and "--download-only" not in call]


def edited_plan(bed):
    killed(bed, APPLY, "lines:12")
    before, length = at_rest(bed), len(records(bed))
    edit("upgrade.yaml", TARGET, "1.34.3")(bed)
    outcome = bed.drover(*RESUME)
    wrong = changes(before, bed)
    if outcome.code != 7 or "target" not in outcome.err or TARGET not in outcome.err or "1.34.3" not in outcome.err:
        wrong.append(outcome.text())
    if len(records(bed)) != length:
        wrong.append("the refused resume wrote to the journal")
    yield "the target is changed in the plan file", wrong
    edit("upgrade.yaml", "1.34.3", TARGET)(bed)
    edit("upgrade.yaml", "drain: {timeout: 1m}", "drain: {timeout: 2m}")(bed)
    killed(bed, RESUME, "at:v1.34/w1/drain:step-ended")
    resumed = [r["fields"] for r in records(bed) if r["type"] == "run-resumed"]
    named = [f for f in resumed if any(key.startswith("edit.") and "drain.timeout" in text for key, text in f.items())]
    yield "drain.timeout is changed in the plan file", [] if len(named) == 1 else f"the run-resumed records: {resumed}"


def uncordoned_by_hand(bed):
    """Follows edited_plan: w1 is drained."""
    at_rest(bed)
    if not bed.cluster()["nodes"]["w1"]["unschedulable"] or installs(bed, "w1"):
        raise RuntimeError("w1 is not between its drain and its first package")
    bed.do("patch-node", node="w1", patch={"spec": {"unschedulable": None}})
    bed.do("workload", what="add", name="default/late", replicas=1)      # the scheduler gives it a pod at once
    late, length = next(pod for pod in bed.cluster()["pods"] if pod["workload"] == "late"), len(records(bed))
    if late["node"] != "w1":
        raise RuntimeError(f"the late pod came to {late['node']}")
    wrong = finish(bed)
    package = intents(bed, "v1.34/w1/kubeadm-package")
    for step in ("cordon", "drain"):
        again = intents(bed, f"v1.34/w1/{step}", length)
        if not again or not package or again[0] > package[0]:
            wrong.append(f"{step} of w1 was intended at {again} after the resume, its first package at {package}")
    if late["uid"] in [pod["uid"] for pod in bed.cluster()["pods"]]:
        wrong.append("the pod that came to w1 meanwhile was not evicted")
    yield "w1 is uncordoned by hand after its drain", wrong


def edited_and_uncordoned(bed):
    yield from edited_plan(bed)
    yield from uncordoned_by_hand(bed)


def remove_capsules(bed, name):
    for found in sorted((bed.nodes[name].root / "var/lib/drover/steps").iterdir()):
        if found.is_dir():
            shutil.rmtree(found)
        else:
            found.unlink()


def capsules_removed_and_rebooted(bed):
    killed(bed, APPLY, "at:v1.34/w1/kubeadm-package:step-ended")
    at_rest(bed)
    if len(installs(bed, "w1")) != 1:
        raise RuntimeError("more than kubeadm of w1 is installed")
    remove_capsules(bed, "w1")
    node = bed.nodes["w1"]
    node.stall("kubelet-package")
    killed(bed, RESUME, "at:v1.34/w1/kubelet-package:effect-intent+300")
    node.wait_for_step("kubelet-package")
    capsule = next(capsule for capsule, call in node.starts_by_capsule() if " install kubelet=" in call)
    end = node.root / f"var/lib/drover/steps/{capsule}/end"
    if end.exists() and end.read_text().startswith("rc="):
        raise RuntimeError(f"capsule {capsule} has ended")
    node.reset()
    length = len(records(bed))
    wrong = finish(bed, free=[("w1", "v1.34-w1-kubelet-package")])
    of_kubeadm = [call for call in installs(bed, "w1") if " install kubeadm=" in call]
    yield "the capsules of w1 are removed", [] if len(of_kubeadm) == 1 else f"kubeadm of w1 was installed {len(of_kubeadm)} times"
    resolved = [r["fields"] for r in records(bed)[length:] if r["type"] == "effect-outcome" and r.get("step") == "v1.34/w1/kubelet-package"]
    if not resolved or resolved[0].get("resolved") != "rebooted":
        wrong.append(f"outcomes of w1/kubelet-package after the reboot: {resolved}")
    if len([call for call in installs(bed, "w1") if " install kubelet=" in call]) > 2:
        wrong.append("kubelet of w1 was installed more than once after the reboot")
    yield "w1 reboots within kubelet-package", wrong


def upgraded_by_hand(bed):
    killed(bed, APPLY, "at:v1.34/w2/cordon:step-ended")
    at_rest(bed)
    node = bed.nodes["w2"]
    if installs(bed, "w2"):
        raise RuntimeError("w2 has its packages already")
    for package in ("kubeadm", "kubelet"):
        node.write(f"var/lib/sandbox/packages/{package}", f"{TARGET}-1.1\n")
    wrong = finish(bed, free=[("w2", f"v1.34-w2-{package}-package") for package in ("kubeadm", "kubelet")])
    yield "the packages of w2 are upgraded by hand", wrong + [f"on w2: {call}" for call in installs(bed, "w2")]


def try_story(story, folder, **bed_options):
    with Bed(folder, **bed_options) as bed:
        return list(story(bed))


def main(title="S5 and S10, changed by others between two processes", stories=(edited_and_uncordoned, capsules_removed_and_rebooted, upgraded_by_hand), attempt=try_story):
    tally = Tally(title)
    with scratch() as folder:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for found in pool.map(lambda story: attempt(story, folder / story.__name__), stories):
                for name, wrong in found:
                    tally.point(name, wrong)
    return tally.conclude()


if __name__ == "__main__":
    run(main)
