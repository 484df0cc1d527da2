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
    etcd(report, drover, version)
