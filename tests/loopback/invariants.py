"""What must hold after every run, whatever was done to it: the promises S1 to S20 as far as they show from outside. Each function gives
a list of what is wrong; nothing here knows how the run was disturbed."""
import collections
import datetime
import json

import as_shown
import journal
from keys import decoded

def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def records(bed):
    folder = bed.run_folder()
    return journal.records(folder / "journal.jsonl") if folder else []


def left_behind(bed, before):
    """S10, S14: cordons, marks and a lock of a run that is over."""
    wrong = []
    for name, node in bed.cluster()["nodes"].items():
        ours = [key for key in node["annotations"] if key.startswith("drover.local/")] + [t for t in node["taints"] if t.startswith("drover.local/")]
        if ours:
            wrong.append(f"{name} still has {ours}")
        if node["unschedulable"] != (name in before.cordoned):
            wrong.append(f"{name} was {'cordoned' if name in before.cordoned else 'not cordoned'} before, and is not so now")
    if bed.lock_holder():
        wrong.append(f"the lock is held by {bed.lock_holder()}")
    return wrong


def not_finished(bed, before):
    """What is not as it must be once everything is done."""
    wrong, state = left_behind(bed, before), bed.cluster()
    for name, node in bed.nodes.items():
        if name in before.excluded:
            wrong += [f"{name} is left out, and was changed: {call}" for call in node.starts()]
            continue
        if state["nodes"][name]["kubelet"] != before.target:
            wrong.append(f"the kubelet of {name} is {state['nodes'][name]['kubelet']}")
        old = {package: revision for package, revision in node.installed().items()
               if package != "cri-tools" and revision != f"{before.target[1:]}-1.1"}
        if old:
            wrong.append(f"{name} has {old}")
        if set(node.installed()) != before.packages[name]:
            wrong.append(f"{name} has the packages {sorted(node.installed())}, not {sorted(before.packages[name])}")
        if node.held() != before.holds[name]:
            wrong.append(f"{name} holds {sorted(node.held())}, not {sorted(before.holds[name])}")
        if "/v1.34/" not in node.read("etc/apt/sources.list.d/kubernetes.list"):
            wrong.append(f"{name} has the old repository")
    if state["version"] != before.target:
        wrong.append(f"the control plane is {state['version']}")
    return wrong


def untouched(turn, status):
    """On this node nothing was begun that an uncordon does not take back."""
    harmless = ("cordon", "drain", "uncordon", "stage-packages", "stage-images")
    return all(step.rsplit("/", 1)[1] in harmless for step in status if step.startswith(turn + "/"))


def out_of_order(bed):
    """S1, S7: a step was begun before one that it needs had succeeded."""
    if not bed.run_folder():
        return []
    needs = {step["id"]: step["needs"] for step in bed.plan_json()["steps"]}
    status, wrong = {}, []
    for r in records(bed):
        if r["type"] == "step-ended":
            status[r["step"]] = r["fields"]["status"]
        elif r["type"] == "step-begun":
            if r["step"].endswith("/cluster/preflight") and status.get(r["step"]) in ("succeeded", "skipped"):
                continue      # passed before; begun again only to mark the nodes that wait
            if r["step"].endswith("/uncordon") and untouched(r["step"].rsplit("/", 1)[0], status):
                continue      # given back
            open_needs = {need: status.get(need, "not begun") for need in needs[r["step"]] if status.get(need) not in ("succeeded", "skipped")}
            if open_needs:
                wrong.append(f"{r['step']} was begun while {open_needs}")
            status[r["step"]] = "begun"
    return wrong


def not_as_planned(bed):
    """S3, of all that was sent by all processes."""
    if not bed.run_folder():
        return []
    plan, run = bed.plan_json(), bed.run_folder().name
    wrong = as_shown.outside_capsules(bed)
    for (node, capsule), script in bed.capsules().items():
        wrong.append(as_shown.wrong_with_capsule(plan, bed.host_of(node), bed.host_of("cp1"), script, bed.nodes[node].read(f"var/lib/drover/steps/{capsule}/supervise")))
    wrong += [as_shown.wrong_with_request(plan, run, r) for r in bed.writes() if not r.is_lock()]
    return [text for text in wrong if text]


def without_intent(bed):
    """S4, at any moment: effects of which the disk knows nothing. The lock is no effect of a step."""
    folder = bed.run_folder()
    known = journal.intents(folder / "journal.jsonl") if folder else []
    capsules = {fields.get("capsule") for fields in known}
    wrong = [f"{node} has capsule {capsule}, which no intent names" for node, capsule in bed.capsules() if capsule not in capsules]
    wrong += [f"{name} ran {call} in capsule {capsule}, which no intent names" for name, node in bed.nodes.items()
              for capsule, call in node.starts_by_capsule() if capsule not in {*capsules, "-"}]
    sent = sum(not r.is_lock() for r in bed.writes())
    intended = sum("request" in fields for fields in known)
    if sent > intended:
        wrong.append(f"the API received {sent} writes, of which the journal intended {intended}")
    return wrong


def started_twice(bed):
    """S4: no call of a tool appears twice in one capsule, because no command of a plan makes the same call twice."""
    counted = collections.Counter((name, *start) for name, node in bed.nodes.items() for start in node.starts_by_capsule() if start[0] != "-")
    return [f"{name}: started {number} times in capsule {capsule}: {call}" for (name, capsule, call), number in counted.items() if number > 1]


def cordon_in(patch):
    """True, False, or None: this patch is about something else."""
    if isinstance(patch, list):
        return next((one["value"] for one in patch if one["path"] == "/spec/unschedulable"), None)
    return bool(patch["spec"]["unschedulable"]) if "unschedulable" in patch.get("spec", {}) else None


def cordons(bed):
    """[time, node, cordoned] of all cordons and uncordons that had an effect."""
    found = [(moment(r.at), r.path.rsplit("/", 1)[1], cordon_in(json.loads(r.body))) for r in bed.writes() if r.verb == "PATCH" and r.effective()]
    return [one for one in found if one[2] is not None]


def too_many_down(bed):
    """S6: workers that the run holds cordoned at once."""
    down, wrong = set(), []
    most = bed.plan_json()["rollout"]["budget"] if bed.run_folder() else 0
    for _, node, cordoned in cordons(bed):
        if node.startswith("w"):
            (down.add if cordoned else down.discard)(node)
        if len(down) > most:
            wrong.append(f"down at once: {sorted(down)}")
    return wrong


def canaries_not_alone(bed):
    """S6: a worker was taken out of service while another one was in its turn, before all canaries had settled."""
    canaries = bed.plan_json()["rollout"]["canary"] if bed.run_folder() else 0
    workers = {bed.host_of(name) for name in bed.nodes if name != "cp1"}
    begun, inside, settled, wrong = set(), set(), set(), []
    for r in records(bed):
        turn, _, step = r.get("step", "").rpartition("/")
        host = turn.rpartition("/")[2]
        if host not in workers:
            continue
        if r["type"] == "step-begun":
            begun.add(r["step"])
            if step == "cordon" and len(settled) < canaries and inside - {host}:
                wrong.append(f"{host} was begun beside {sorted(inside - {host})}, after {len(settled)} of {canaries} canaries")
            inside |= {host} if step == "cordon" else set()
        elif r["type"] == "step-ended" and r["fields"]["status"] in ("succeeded", "skipped"):
            settled |= {host} if step == "settled" else set()
            if step == "settled" or (step == "uncordon" and untouched(turn, begun)):
                inside.discard(host)
    return wrong


def changes_of(node, what):
    """[time, old, new] of each change of the version that runs on a node."""
    lines = [line.split() for line in node.read(f"var/lib/sandbox/{what}").splitlines()]
    return [(float(at), old, new) for (old, _), (new, at) in zip(lines, lines[1:]) if old != new]


def outside_windows(bed, before):
    """S8, S9: a kubelet changed while its control plane was older, or outside its node's drained window."""
    wrong, patches = [], cordons(bed)
    drained = {r["step"].split("/")[1]: moment(r["time"]) for r in reversed(records(bed))
               if r["type"] == "step-ended" and r["step"].endswith("/drain") and r["fields"]["status"] in ("succeeded", "skipped")}
    upgraded = [at for at, _, new in changes_of(bed.nodes["cp1"], "control-plane") if new == before.target]
    for name, node in bed.nodes.items():
        for at, old, new in changes_of(node, "kubelet"):
            if not upgraded or at < upgraded[0]:
                wrong.append(f"the kubelet of {name} went from {old} to {new} before the control plane")
            mine = [cordoned for when, patched, cordoned in patches if patched == name and when <= at]
            if name not in before.cordoned and mine[-1:] != [True]:
                wrong.append(f"the kubelet of {name} went to {new} while the node was not cordoned")
            if bed.host_of(name) in drains_planned(bed) and drained.get(bed.host_of(name), at + 1) > at:
                wrong.append(f"the kubelet of {name} went to {new} before the node was drained")
    return wrong


def drains_planned(bed):
    return {step["node"] for step in bed.plan_json()["steps"] if step["kind"] == "drain"}


def bypassed_budgets(bed):
    """S11"""
    return [f"{r.verb} {r.path}" for r in bed.writes() if r.verb == "DELETE"]


def unlocked(bed):
    """S14: a write while the lock was not this run's."""
    wrong, holder = [], ""
    run = bed.run_folder().name if bed.run_folder() else "no run"
    for r in bed.writes():
        if r.is_lock():
            holder = json.loads(r.body)["spec"].get("holderIdentity") or "" if r.effective() else holder
        elif not holder.startswith(run + " "):
            wrong.append(f"{r.verb} {r.path} while the lock was held by {holder or 'nobody'}")
    return wrong


def shown_secrets(bed):
    """S13"""
    key = bed.identity.read_text().splitlines()
    secrets = [decoded(bed.admin_conf(), "client-key-data").splitlines()[1], key[len(key) // 2], *bed.secrets]
    secrets.append(bed.admin_conf().split("client-key-data: ")[1].split()[0])
    files = [file for file in bed.state.rglob("*") if file.is_file()] + [*bed.folder.glob("[0-9]*.out"), *bed.folder.glob("[0-9]*.err")]
    return [f"a secret is in {file}" for file in files for secret in secrets if secret.encode() in file.read_bytes()]


def torn_events(bed):
    """The events of all processes of a run are numbered without a gap."""
    folder = bed.run_folder()
    if not folder or not (folder / "events.jsonl").exists():
        return []
    numbers = [json.loads(line)["seq"] for line in journal.lines(folder / "events.jsonl")]
    expected = list(range(numbers[0], numbers[0] + len(numbers))) if numbers else []
    return [] if numbers == expected else [f"the events' numbers have gaps: {numbers}"]


def of_any_run(bed):
    """What holds of a run of any command, whether or not it has come to its end."""
    return (out_of_order(bed) + not_as_planned(bed) + without_intent(bed) + started_twice(bed) + shown_secrets(bed) + torn_events(bed)
            + [f"nobody knows {text}" for text in bed.unknown()])


def broken(bed, before):
    """All that may be looked at of an upgrade whether or not it has come to its end."""
    wrong = of_any_run(bed) + too_many_down(bed) + canaries_not_alone(bed) + bypassed_budgets(bed) + unlocked(bed)
    return wrong + (outside_windows(bed, before) if bed.run_folder() else [])
