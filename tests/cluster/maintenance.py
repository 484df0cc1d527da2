"""What an operator looks at and saves on a maintenance day, beside kubectl where it tells the same."""
import json
import time

import product
from bed import cluster, images
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


def autoscaler(report, drover):
    """Made, shown as kubectl shows it, explained as its controller decides, and deleted: it asks for no more pods than there are."""
    made = drover.run("hpa", "create", "deploy/web", "--min", "4", "--max", "6", "--cpu", "5000%")
    report.check("`hpa create` ends with 0", made.code == 0, made.text())
    again = drover.run("hpa", "create", "deploy/web", "--max", "6", "--cpu", "80%", "--name", "other")
    report.check("a second autoscaler for a workload is refused", again.code == 4 and "already" in again.err, again.text())
    ask = lambda: json.loads(cluster.ask("get", "hpa", "web", "-o", "json"))
    wait_until(lambda: ask()["status"].get("currentMetrics"), 90, "the first figures of the autoscaler")
    # A scrape comes every 15 seconds, and the controller looks at it up to 15 seconds later: until both have seen the same one.
    end = time.time() + 90
    while True:
        theirs = ask()["status"]
        figure = next((m["resource"]["current"].get("averageUtilization") for m in theirs.get("currentMetrics") or [] if "resource" in m), None)
        listed = drover.run("--output", "json", "hpa", "list", "-n", "default")
        explained = drover.run("--output", "json", "hpa", "explain", "web")
        said = json.loads(explained.out) if explained.code == 0 else {"metrics": [{}]}
        agree = theirs == ask()["status"] and said["metrics"] and said["metrics"][0].get("measured") == figure
        if agree or time.time() > end:
            break
        time.sleep(1)
    ours = json.loads(listed.out)["items"][0] if listed.code == 0 else {}
    same = (ours.get("current"), ours.get("desired"), ours.get("metrics", [{}])[0].get("measured", {}).get("utilization")) == \
        (theirs["currentReplicas"], theirs["desiredReplicas"], figure)
    report.check("`hpa list` has kubectl's figures", same, [f"kubectl {theirs}", listed.text()])
    report.check("`hpa explain` comes to the controller's end", said.get("replicas") == theirs["desiredReplicas"] and said.get("case") == "metrics" and
                 said["metrics"][0].get("measured") == figure is not None, [f"kubectl {theirs}", explained.text()])
    gone = drover.run("hpa", "delete", "web", "--yes")
    report.check("`hpa delete` deletes it", gone.code == 0 and "web" not in cluster.ask("get", "hpa", "-o", "name"), gone.text())


def addons(report, drover):
    """An object of every kind of outcome, and metrics-server, which the bed has installed."""
    file = drover.folder / "object.yaml"
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: drover-addon}\ndata: {x: %s}\n"
    outcomes = []
    for value in ("one", "one", "two"):
        file.write_text(text % value)
        applied = drover.run("--output", "json", "addon", "apply", str(file))
        outcomes.append(json.loads(applied.out)["items"][0]["change"] if applied.code == 0 else applied.text())
    report.check("`addon apply` creates, leaves, and changes an object", outcomes == ["created", "unchanged", "configured"], str(outcomes))
    cluster.ask("patch", "configmap", "drover-addon", "--type=merge", "-p", '{"data":{"x":"three"}}')
    file.write_text(text % "four")
    refused = drover.run("addon", "apply", str(file))
    report.check("a field of somebody else is refused", refused.code == 4 and "--force-conflicts" in refused.err, refused.text())
    forced = drover.run("addon", "apply", str(file), "--force-conflicts")
    report.check("and taken over when asked to", forced.code == 0 and "configured" in forced.out, forced.text())
    cluster.ask("delete", "configmap", "drover-addon")
    status = drover.run("addon", "metrics-server", "status")
    report.check("`addon metrics-server status`: it is well", status.code == 0 and "is well" in status.out, status.text())
    removed = drover.run("addon", "metrics-server", "remove", "--yes")
    report.check("`addon metrics-server remove` takes it away", removed.code == 0 and "Deployment kube-system/metrics-server deleted" in removed.out and
                 not cluster.ask("-n", "kube-system", "get", "deployment", "metrics-server", "-o", "name"), removed.text())
    missing = drover.run("top", "nodes")
    report.check("`top` says that it does not answer", missing.code != 0 and "metrics-server is" in missing.err, missing.text())
    # What the bed made without the add-on's label is still there, with fields that kubectl manages.
    installed = drover.run("addon", "metrics-server", "install", "--kubelet-insecure-tls", "--image", images.METRICS_SERVER, "--force-conflicts", seconds=320)
    report.check("`addon metrics-server install` ends when there are figures of every node", installed.code == 0 and "is well" in installed.out, installed.text())
    report.check("`top nodes` shows them", (shown := drover.run("top", "nodes")).code == 0 and "<unknown>" not in shown.out, shown.text())


def scaled(report, drover):
    """What its pods use while they idle is more than a hundredth of what they ask for: the controller makes as many as it may."""
    made = drover.run("hpa", "create", "deploy/web", "--min", "4", "--max", "6", "--cpu", "1%")
    report.check("`hpa create` of one that will scale ends with 0", made.code == 0, made.text())
    ready = lambda: cluster.ask("get", "deploy", "web", "-o", "jsonpath={.status.readyReplicas}") == "6"
    wait_until(ready, 120, lambda: "six pods:\n" + cluster.ask("describe", "hpa", "web"))
    listed, explained = drover.run("hpa", "list", "-n", "default"), drover.run("hpa", "explain", "web")
    report.check("`hpa list` tells that it is at its limit", listed.code == 0 and "TooManyReplicas" in listed.out, listed.text())
    report.check("`hpa explain` tells why", explained.code == 0 and "6 pods wanted, 6 there" in explained.out, explained.text())
    gone = drover.run("hpa", "delete", "web", "--yes")
    report.check("`hpa delete` leaves the pods", gone.code == 0 and "stays as large as it is" in gone.out and ready(), gone.text())
    cluster.ask("scale", "deploy", "web", "--replicas=4")


def run(report, target, version, full=False):
    drover = product.Drover(report.folder / f"maintenance-{version}", target)
    events(report, drover)
    top(report, drover)
    autoscaler(report, drover)
    if full:
        scaled(report, drover)
    addons(report, drover)
    etcd(report, drover, version)
