"""What a finished upgrade must have left: on the nodes, against what they were before it, and in the cluster."""
import collections
import hashlib
import json
import subprocess

import fingerprint
from bed import access, build, machines
from bed.common import each

PACKAGES = ("kubeadm", "kubelet", "kubectl")
STARTED = "39f53479d3a045ac8e11786248231fbf"      # systemd's message id of "unit started"
KUBELET_STARTS = f"journalctl -q -o cat --since=@%d MESSAGE_ID={STARTED} UNIT=kubelet.service | wc -l"
CAPSULE_STARTS = f"journalctl -q -o verbose --output-fields=UNIT --since=@%d MESSAGE_ID={STARTED} | sed -n 's/^ *UNIT=drover-//p'"


def system_of(name, since):
    """What the checks need to know of one node, as {key: text}."""
    asked = dict(holds="apt-mark showhold | sort | paste -sd' '",
                 source="cat /etc/apt/sources.list.d/kubernetes.list",
                 installs="awk '$3 == \"upgrade\" || $3 == \"install\" {print $1 \"T\" $2, $3, $4, $5, $6}' /var/log/dpkg.log",
                 starts=KUBELET_STARTS % since,
                 capsules=CAPSULE_STARTS % since,
                 failed="grep -ls '^rc=[1-9]' /var/lib/drover/steps/*/end | cut -d/ -f6",
                 applies="ls -d /etc/kubernetes/tmp/kubeadm-backup-manifests-* 2>/dev/null",
                 units="systemctl list-units --all --no-legend --plain 'drover*' | awk '$4 == \"running\" || $3 == \"failed\"'",
                 processes="pgrep -fa /var/lib/drover | grep -v pgrep; true")
    return each(lambda item: (item[0], access.on(name, item[1], check=False).strip()), asked.items())


def installs_since(text, installed_before):
    return [line.split(" ", 1)[1] for line in text.splitlines()[installed_before:]]


def versions(report, nodes, target):
    found = fingerprint.kubectl_json("get", "nodes")["items"]
    ready = lambda n: any(c["type"] == "Ready" and c["status"] == "True" for c in n["status"]["conditions"])
    row = lambda n: f"{n['metadata']['name']} {n['status']['nodeInfo']['kubeletVersion']} {'Ready' if ready(n) else 'not Ready'}"
    good = [n for n in found if n["status"]["nodeInfo"]["kubeletVersion"] == f"v{target}" and ready(n)]
    report.check(f"every node is Ready with kubelet v{target}", len(good) == len(nodes) == len(found), map(row, found))
    marks = [f"{n['metadata']['name']}: {what}" for n in found for what in
             (["cordoned"] if n["spec"].get("unschedulable") else [])
             + [f"taint {t['key']}" for t in n["spec"].get("taints", []) if t["key"] != "node-role.kubernetes.io/control-plane"]
             + [f"annotation {a}" for a in n["metadata"].get("annotations", {}) if "drover" in a]]
    report.check("nothing is left cordoned, tainted or annotated by Drover", not marks, marks)
    pods = fingerprint.kubectl_json("-n", "kube-system", "get", "pods")["items"]
    ours = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy")
    images = {c["image"] for p in pods for c in p["spec"]["containers"] if c["image"].rsplit("/", 1)[1].split(":")[0] in ours}
    wanted = {f"registry.k8s.io/{name}:v{target}" for name in ours}
    report.check(f"API server, controller-manager, scheduler and kube-proxy are v{target}", images == wanted, sorted(images))
    leases = [lease for lease in fingerprint.kubectl_json("-n", "kube-system", "get", "leases")["items"] if lease["metadata"]["name"] == "drover"]
    report.check("the lock is released", not any(lease["spec"].get("holderIdentity") for lease in leases), json.dumps(leases, indent=1))


def snapshot(report, control_plane, target):
    """The etcd snapshot on the control plane: there, whole, and readable by root only."""
    folder = machines.MACHINES / control_plane / "upper/var/backups/drover"
    found = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.exists() else []
    etcdutl = build.etcd_directory(target) / "etcdutl"
    faults = [] if found else [f"no file in {folder}"]
    for path in found:
        said = subprocess.run([etcdutl, "snapshot", "status", path, "-w", "json"], capture_output=True, text=True)
        data = path.read_bytes()
        if hashlib.sha256(data[:-32]).digest() != data[-32:]:
            faults.append(f"{path}: its SHA-256 trailer does not fit its {len(data)} bytes")
        if said.returncode or json.loads(said.stdout)["revision"] < 1:
            faults.append(f"{path}: etcdutl: {said.stdout} {said.stderr}")
        if path.stat().st_mode & 0o077 or folder.stat().st_mode & 0o077:
            faults.append(f"{path}: others than root may read it")
    report.check(f"an etcd snapshot lies on {control_plane} and verifies", not faults, faults)


def machinery(report, nodes, before, after, old, target):
    """Packages, holds, kubelet restarts and left-overs, against what they were before the run."""
    faults = [f"{n}: held {after[n]['holds']!r}, before {before[n]['holds']!r}" for n in nodes if after[n]["holds"] != before[n]["holds"]]
    report.check("packages are held as before", not faults and "kubelet" in before[nodes[0]]["holds"], faults)
    faults = []
    for n in nodes:
        done = installs_since(after[n]["installs"], len(before[n]["installs"].splitlines()))
        for p in PACKAGES:
            wanted = [f"upgrade {p}:amd64 {old}-1.1 {target}-1.1"]
            mine = [line for line in done if f" {p}:" in line]
            if mine != wanted:
                faults.append(f"{n}: {p}: {mine or 'never upgraded'}")
    report.check("every package was installed exactly once on every node", not faults, faults)
    faults = [f"{n}: {after[n]['starts']} times" for n in nodes if after[n]["starts"] != "1"]
    report.check("every kubelet was restarted exactly once", not faults, faults)
    faults = [f"{n}: {after[n]['source']}" for n in nodes if "/v1.34/" not in after[n]["source"]]
    report.check("every node's repository is the new minor's", not faults, faults)
    faults = [f"{n}: {after[n]['units']}{after[n]['processes']}" for n in nodes if after[n]["units"] or after[n]["processes"]]
    report.check("no unit or process of Drover is left on a node", not faults, faults)


def started_once(report, nodes, found):
    """What the nodes themselves noted of the commands that Drover started there. One that is known to have failed may be followed by another."""
    faults, count = [], 0
    for n in nodes:
        failed = found[n]["failed"].split()
        capsules = [u.removesuffix(".service") for u in found[n]["capsules"].splitlines()]
        # <run>.<step>.<attempt>.<effect>
        commands = collections.Counter((c.rsplit(".", 2)[0], c.rsplit(".", 1)[1]) for c in capsules if c not in failed)
        count += len(commands)
        faults += [f"{n}: {times} times {step} (command {number})" for (step, number), times in commands.items() if times != 1]
        faults += [f"{n}: {c} failed, and its unit was started more than once" for c in failed if capsules.count(c) > 1]
    report.check(f"each of {count} mutating node commands was started exactly once", count > 10 and not faults, faults)
    applies = found[nodes[0]]["applies"].split()
    report.check(f"kubeadm changed the control plane of {nodes[0]} exactly once", len(applies) == 1, applies)


def check(report, nodes, before, found, old, target):
    versions(report, nodes, target)
    machinery(report, nodes, before, found, old, target)
    started_once(report, nodes, found)
    snapshot(report, nodes[0], target)
