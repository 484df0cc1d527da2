"""What an operator looks at and saves on a maintenance day, beside kubectl where it tells the same."""
import json

import product
from bed import cluster
from bed.common import wait_until


def kubectl_events():
    """{uid: (namespace, reason)}"""
    items = json.loads(cluster.ask("get", "events", "-A", "-o", "json"))["items"]
    return {e["metadata"]["uid"]: (e["metadata"]["namespace"], e["reason"]) for e in items}


def reasons(events):
    return sorted(events.values())


def events(report, drover):
    """Events come and go while one looks: what kubectl saw before and after, Drover saw; and nothing that kubectl never saw."""
    before = kubectl_events()
    outcome = drover.run("--output", "json", "events")
    after = kubectl_events()
    seen = [(e["namespace"], e["reason"]) for e in json.loads(outcome.out)["items"]]
    missing = [one for one in reasons({uid: e for uid, e in before.items() if uid in after}) if one not in seen]
    strange = [one for one in seen if one not in reasons(before | after)]
    report.check(f"`events` shows the {len(seen)} that kubectl sees", outcome.code == 0 and len(seen) >= len(before) - 5 and not missing and not strange,
                 [f"missing {missing}", f"not kubectl's {strange}", outcome.text()])


def top(report, drover):
    """Until a scrape does not come in between."""
    kubectl = lambda: [line.split() for line in cluster.ask("top", "nodes", "--no-headers").splitlines()]
    wait_until(lambda: kubectl() and "<unknown>" not in str(kubectl()), 90, "the first metrics")
    for _ in range(5):
        theirs = kubectl()
        outcome = drover.run("top", "nodes")
        if theirs == kubectl():
            break
    # NAME, CPU, CPU %, then what is requested in two words, memory, memory %
    ours = [[w[0], w[1], w[2], w[5], w[6]] for w in map(str.split, outcome.out.splitlines()[1:])]
    report.check("`top nodes` has kubectl's figures", ours == theirs, [f"kubectl {theirs}", f"drover {ours}", outcome.text()])


def between(report, what, before, outcome, after):
    """A log grows while one looks: what was there before is shown, and nothing that is not there afterwards."""
    ours = outcome.out.splitlines()
    missing, strange = [line for line in before if line not in ours], [line for line in ours if line not in after]
    report.check(f"{what}: kubectl's {len(ours)} lines", outcome.code == 0 and before and not missing and not strange,
                 [f"missing {missing[:3]}", f"not kubectl's {strange[:3]}", outcome.err])


def logs(report, drover):
    """Of a pod through the API, and of the same one by crictl."""
    pod = "kube-scheduler-cp1"
    kubectl = lambda: cluster.ask("-n", "kube-system", "logs", pod, "--timestamps").splitlines()
    before = kubectl()
    by_api, by_crictl = drover.run("logs", pod, "--timestamps"), drover.run("logs", "cp1", "--static-pod", "kube-scheduler", "--timestamps")
    after = kubectl()
    between(report, f"`logs {pod}`", before, by_api, after)
    between(report, "`logs cp1 --static-pod kube-scheduler`", before, by_crictl, after)
    window = drover.run("logs", "w1", "-u", "kubelet", "--since", "2h", "--tail", "5")
    report.check("`logs w1`: five lines of its kubelet's journal", window.code == 0 and len(window.out.splitlines()) == 5 and "kubelet[" in window.out, window.text())
    unit = drover.run("logs", "w1", "-u", "nothing")
    report.check("`logs w1 -u nothing` ends with 0 and says that there is nothing", unit.code == 0 and not unit.out and "no such lines" in unit.err, unit.text())


def describe(report, drover):
    """Conditions, taints, requests and pods of a node; owner, states and restarts of a pod."""
    outcome = drover.run("--output", "json", "describe", "w1")
    ours = json.loads(outcome.out)
    node = json.loads(cluster.ask("get", "node", "w1", "-o", "json"))
    items = json.loads(cluster.ask("get", "pods", "-A", "--field-selector", "spec.nodeName=w1", "-o", "json"))["items"]
    facts = lambda conditions, since: sorted((c["type"], c["status"], c["reason"], c[since]) for c in conditions)
    report.check("`describe w1` has kubectl's conditions", facts(ours["conditions"], "since") == facts(node["status"]["conditions"], "lastTransitionTime"), outcome.text())
    report.check("`describe w1` has kubectl's pods", [(p["namespace"], p["pod"]) for p in ours["pods"]] ==
                 sorted((p["metadata"]["namespace"], p["metadata"]["name"]) for p in items), outcome.text())
    # "  cpu                250m (12%)  0 (0%)"
    allocated = cluster.ask("describe", "node", "w1").split("Allocated resources:")[1]
    cpu = next(line.split()[1] for line in allocated.splitlines() if line.split()[:1] == ["cpu"])
    theirs = int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000
    report.check("`describe w1` has kubectl's sum of requests", ours["requests"]["cpu_m"] == theirs, [f"kubectl {cpu}", outcome.text()])
    pod = next(p for p in items if p["metadata"]["namespace"] == "kube-system")
    name = pod["metadata"]["name"]
    outcome = drover.run("--output", "json", "describe", f"kube-system/{name}")
    ours = json.loads(outcome.out)
    states = sorted((c["name"], c["ready"], c["restartCount"], next(iter(c["state"]))) for c in pod["status"]["containerStatuses"])
    report.check(f"`describe {name}` has kubectl's containers", states == sorted((c["name"], c["ready"], c["restarts"], c["state"]) for c in ours["containers"]),
                 [f"kubectl {states}", outcome.text()])
    owner = pod["metadata"]["ownerReferences"][0]
    report.check(f"`describe {name}` knows its owner", ours["owners"][-1] == f"{owner['kind']}/{owner['name']}", outcome.text())
    text = drover.run("describe", "w1")
    report.check("`describe w1` for people", text.code == 0 and "Node w1" in text.out and "Drain" in text.out, text.text())


def etcd(report, drover, version):
    status = drover.run("--output", "json", "etcd", "status")
    members = json.loads(status.out)["members"]
    report.check(f"`etcd status`: one member of etcd {version}, well", status.code == 0 and [m["version"][:3] for m in members] == [version], status.text())
    backup = drover.run("--output", "json", "etcd", "backup", "--to", "saved", "--keep", "1")
    path = json.loads(backup.out)["path"] if backup.code == 0 else ""
    report.check("`etcd backup` ends with 0", backup.code == 0, backup.text())
    verify = drover.run("etcd", "verify", path)
    report.check("`etcd verify` accepts what it saved", verify.code == 0, verify.text())
    defrag = drover.run("etcd", "defrag", "--yes")
    report.check("`etcd defrag` ends with 0", defrag.code == 0, defrag.text())


def run(report, target, version):
    drover = product.Drover(report.folder / f"maintenance-{version}", target)
    events(report, drover)
    top(report, drover)
    logs(report, drover)
    describe(report, drover)
    etcd(report, drover, version)
