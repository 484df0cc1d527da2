"""Scenario a: a cluster with a guarded service goes to the next minor, while a client asks that service and never waits."""
import hashlib
import json
import subprocess
import time

import fingerprint
import product
import timeline
from bed import access, build, cluster, machines, network, services
from bed.common import each, sh, wait_until

PACKAGES = ("kubeadm", "kubelet", "kubectl")
STARTED = "39f53479d3a045ac8e11786248231fbf"      # systemd's message id of "unit started"
KUBELET_STARTS = f"journalctl -q -o cat --since=@%d MESSAGE_ID={STARTED} UNIT=kubelet.service | wc -l"


class Clients:
    """Clients that ask again and again: the service on every node's port, and the API server.

    Every node's port is asked, because each measures the service: it is answered by kube-proxy's rules there, which outlive
    a restart of kube-proxy, and no machine goes down in this upgrade. So no failure on any of them has an excuse.
    """

    def __init__(self, folder, nodes):
        self.addresses = {m["name"]: m["ip"] for m in machines.machines() if m["name"] in nodes}
        self.urls = {f"web-at-{n}": (f"http://{ip}:30080/", "0.1") for n, ip in self.addresses.items()}
        self.urls["api"] = (f"https://{self.addresses[nodes[0]]}:6443/readyz", "0.5")
        self.folder = folder

    def start(self):
        for url, _ in self.urls.values():
            wait_until(lambda: sh(*network.operator("curl", "-skfo", "/dev/null", "-m", "2", url), check=False) == 0, 60, url)
        for name, (url, interval) in self.urls.items():
            services.start(name, *network.operator(build.program("web"), "watch", url, interval), output=self.folder / f"{name}.json")

    def stop(self):
        """{client: {asked, failed, outages}}"""
        for name in self.urls:
            services.stop(name)
        return {name: json.loads((self.folder / f"{name}.json").read_text()) for name in self.urls}


def system_of(name, since):
    """What the checks need to know of one node, as {key: text}."""
    asked = dict(holds="apt-mark showhold | sort | paste -sd' '",
                 source="cat /etc/apt/sources.list.d/kubernetes.list",
                 installs="awk '$3 == \"upgrade\" || $3 == \"install\" {print $1 \"T\" $2, $3, $4, $5, $6}' /var/log/dpkg.log",
                 starts=KUBELET_STARTS % since,
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


def stream(report, outcome):
    """The events on stdout, checked as a stream; None when they can't be read."""
    try:
        events = outcome.events()
        order = [e["event"] for e in events]
        running, faults = set(), []
        for e in events:
            if e["event"] == "step_started":
                running.add(e["step"])
            elif e["event"] == "step_finished":
                # a step that was never begun may be reported as skipped
                if e["step"] not in running and e["status"] != "skipped":
                    faults.append(f"{e['step']} finished without having started")
                running.discard(e["step"])
        faults += [f"{s} started and never finished" for s in sorted(running)]
        if order[0] != "run_started" or order[-1] != "run_finished" or order.count("run_finished") != 1:
            faults.append(f"begins with {order[0]}, ends with {order[-1]}")
        if [e["seq"] for e in events] != list(range(events[0]["seq"], events[0]["seq"] + len(events))):
            faults.append("seq has gaps")
    except (ValueError, KeyError, IndexError) as e:
        report.check("its events can be read", False, f"{e!r}\n{outcome.text()}")
        return None
    report.check(f"its {len(events)} events are whole: seq without gaps, every step that started finished", not faults, faults)
    if product.SCHEMA.exists():
        errors = product.schema_errors(events)
        report.check("every event fits the published schema", not errors, errors)
    return events


def reachability(report, heard):
    for name, r in heard.items():
        longest = max((o["seconds"] for o in r["outages"]), default=0)
        report.say(f"         {name}: {r['failed']} of {r['asked']} requests failed" + (f", longest outage {longest:.0f} s" if r["failed"] else ""))
    web = {n: r for n, r in heard.items() if n != "api"}
    asked, failed = sum(r["asked"] for r in web.values()), sum(r["failed"] for r in web.values())
    report.check(f"{failed} failed requests of {asked} to the service", failed == 0 and asked > 100, json.dumps(web, indent=1))


def show_timeline(report, events, nodes):
    lines, _ = timeline.render(events, timeline.node_commands(nodes, timeline.moment(events[0])))
    (report.folder / "timeline.txt").write_text("\n".join(lines) + "\n")
    for line in lines:
        report.say(f"         {line}")


def run(report, nodes, old, target, user="root"):
    drover = product.Drover(report.folder / f"upgrade-as-{user}", target, user=user)
    since = int(time.time())
    before = dict(each(lambda n: (n, dict(system_of(n, since))), nodes))
    clients = Clients(drover.folder, nodes)
    clients.start()
    report.say(f"         events: {drover.folder}/01-output-json-apply.out")
    try:
        outcome = drover.run("--output", "json", "apply", "UPGRADE", "--yes", seconds=1500)
    finally:
        heard = clients.stop()
    report.check("apply --yes exits 0", outcome.code == 0, outcome.text())
    events = stream(report, outcome)
    reachability(report, heard)
    after = dict(each(lambda n: (n, dict(system_of(n, since))), nodes))
    versions(report, nodes, target)
    machinery(report, nodes, before, after, old, target)
    snapshot(report, nodes[0], target)
    outcome = drover.run("plan", "UPGRADE", "--detailed-exitcode")
    report.check("plan afterwards finds nothing to do (--detailed-exitcode exits 0)", outcome.code == 0, outcome.text())
    outcome = drover.run("apply", "UPGRADE", "--yes")
    report.check("apply --yes afterwards exits 0 within a minute", outcome.code == 0 and outcome.seconds < 60, outcome.text())
    if events:
        show_timeline(report, events, nodes)
