#!/usr/bin/env python3
"""S3: what a whole apply sent, to nodes and to the API, is what the plan had shown before, byte for byte."""
import json
import re
import sys

sys.dont_write_bytecode = True
from bed import Bed  # noqa: E402
from keys import Keys  # noqa: E402
from node import TARGET  # noqa: E402
from tally import Tally, run, scratch  # noqa: E402


def instance_of(template):
    """A pattern for the path and the body of a request, with one group a placeholder."""
    names = set()

    def group(match):
        name = match[1]
        again = name in names
        names.add(name)
        return f"(?P={name})" if again else rf"(?P<{name}>[^\s/\"\\]+)"

    text = f"{template['verb']} {template['path']}\n{template['body']}"
    return re.compile(re.sub(r"\\\{(\w+)\\\}", group, re.escape(text)))


def wrong_with_capsule(plan, node, script, frame):
    """Why this script on this node, in this frame, is not what the plan shows; empty when it is."""
    of_node = [s for s in plan["steps"] if s.get("node", "cp1") == node]
    if script not in [command for step in of_node if step["mutates"] for command in step["commands"]]:
        return f"not a command of the plan for {node}:\n{script}"
    supervisor = frame.split("\n", 1)[1]      # the first line names the run's own nonce
    if f"supervisor='\n{supervisor}" not in plan["preamble"]:
        return f"not the frame that the plan shows:\n{frame}"
    return ""


def wrong_with_request(plan, run, request):
    patterns = [instance_of(t) for step in plan["steps"] if step["mutates"] for t in step["requests"]]
    matches = [m for m in (p.fullmatch(f"{request.verb} {request.path}\n{request.body}") for p in patterns) if m]
    if not matches:
        return f"no request of the plan:\n{request.verb} {request.path}\n{request.body}"
    if matches[0].groupdict().get("run", run) != run:
        return f"of another run than {run}:\n{request.body}"
    return ""


def outside_capsules(bed):
    """Calls that change a node and that no capsule made: no intent names them."""
    return [f"{name}: {call}" for name, node in bed.nodes.items() for capsule, call in node.starts_by_capsule() if capsule == "-"]


def compare(tally, bed, plan):
    run = bed.run_folder().name
    capsules = bed.capsules()
    for (node, capsule), script in capsules.items():
        frame = bed.nodes[node].read(f"var/lib/drover/steps/{capsule}/supervise")
        tally.point(f"{node}: capsule {capsule}", wrong_with_capsule(plan, node, script, frame))
    shown = sorted((s.get("node", "cp1"), c) for s in plan["steps"] for c in s["commands"])
    sent = sorted((node, script) for (node, _), script in capsules.items())
    tally.point("every command of the plan was sent, and each once", [] if shown == sent else f"{len(shown)} shown, {len(sent)} sent")
    tally.point("no node was changed by anything else than a capsule", outside_capsules(bed))
    for request in bed.api.writes():
        if not request.is_lock():
            tally.point(f"{request.verb} {request.path}", wrong_with_request(plan, run, request))
    patched = [r.path.rsplit("/", 1)[1] for r in bed.api.writes() if r.verb == "PATCH" and r.status == 200]
    tally.point("each node was patched twice", [] if sorted(patched) == sorted([*bed.nodes] * 2) else str(patched))


def at_target(bed):
    return sorted(name for name in bed.nodes if bed.world.kubelet(name) == f"v{TARGET}")


def limited_then_saved(tally, bed, saved):
    """One host alone, then the rest from a saved plan, as it is."""
    outcome = bed.drover("apply", "UPGRADE", "--limit", "cp1", "--yes")
    tally.point("apply --limit cp1", [] if outcome.code == 0 else outcome.text())
    tally.point("--limit cp1 upgrades cp1 alone", [] if at_target(bed) == ["cp1"] else str(at_target(bed)))
    shown = bed.drover("plan", "UPGRADE", "-o", str(saved))
    tally.point("plan the rest", [] if shown.code == 0 else shown.text())
    outcome = bed.drover("apply", str(saved), "--yes")
    tally.point("apply PLAN.json", [] if outcome.code == 0 else outcome.text())
    tally.point("it is the plan that was saved", [] if bed.plan_json()["id"] == json.loads(saved.read_text())["id"] else "another id")
    tally.point("all kubelets are at the target after it", [] if at_target(bed) == sorted(bed.nodes) else str(at_target(bed)))


def main():
    tally = Tally("S3, what was sent is what was shown")
    with scratch() as folder, Bed(folder / "limited", Keys(folder / "limited-keys")) as bed:
        limited_then_saved(tally, bed, folder / "SAVED.json")
    with scratch() as folder, Bed(folder / "bed", Keys(folder / "keys")) as bed:
        shown = bed.drover("plan", "UPGRADE", "-o", str(folder / "PLAN.json"))
        tally.point("plan", [] if shown.code == 0 else shown.text())
        outcome = bed.drover("apply", "UPGRADE", "--yes")
        tally.point("apply", [] if outcome.code == 0 else outcome.text())
        compare(tally, bed, json.loads((folder / "PLAN.json").read_text()))
        tally.point("requests that the API does not know", bed.api.unknown)
        tally.point("all kubelets are at the target", [] if at_target(bed) == sorted(bed.nodes) else str(at_target(bed)))
    return tally.conclude()


if __name__ == "__main__":
    run(main)
