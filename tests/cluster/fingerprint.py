"""What a cluster is like at one moment, for "this changed nothing": two of them must be equal, or `differences` says where not.

Four parts, each {name: value}:
  files   every file, link and folder of each node that is not the base system's: hash, mode, owner, time of change
  system  what each node runs: boot id, units, the kubelet's process, packages, holds, images, left-overs under /tmp and /run
  api     every object of every kind, without status, times and what controllers write by themselves
  writes  how often anybody asked the API server to write something, by kind: finds what was made and removed again
"""
import difflib
import hashlib
import json
import os
import re
import stat
import subprocess

from bed import access, cluster, machines
from bed.common import BedError, each, wait_until

# Written by the running system itself, all the time.
RESTLESS = re.compile(r"var/log(/|$)|var/lib/systemd(/|$)|run(/|$)|etc/mtab$")

SYSTEM = r"""
echo "boot $(cat /proc/sys/kernel/random/boot_id)"
systemctl show kubelet containerd ssh -p Id -p MainPID -p NRestarts | paste -sd' ' | sed 's/^/process /'
systemctl list-units --type=service --state=running --no-legend --plain | awk '{print "unit " $1}' | grep -vE ' (user@|systemd-(tmpfiles|hostnamed))' | sort
systemctl list-units --all --no-legend --plain 'drover*' 'run-*' | awk '{print "unit of ours " $1, $4}'
systemctl list-unit-files --no-legend --plain | awk '{print "unit file " $1, $2}' | grep -v transient | sort
apt-mark showhold | sed 's/^/hold /'
dpkg-query -W -f 'package ${Package} ${Version} ${Status}\n'
ctr -n k8s.io images ls -q | sort | sed 's/^/image /'
ls -A /tmp | sed 's/^/in tmp: /'
ls -Ad /run/drover* /var/lib/drover* 2>/dev/null | sed 's/^/left over: /'
sha256sum /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env
true
"""

# Kinds that change on an idle cluster, or are no state: events, measurements, and requests for certificates, which expire.
NOT_STATE = {"events", "events.events.k8s.io", "componentstatuses", "nodes.metrics.k8s.io", "pods.metrics.k8s.io",
             "certificatesigningrequests.certificates.k8s.io"}
VOLATILE_METADATA = ("resourceVersion", "managedFields", "creationTimestamp")
VOLATILE_ANNOTATIONS = ("endpoints.kubernetes.io/last-change-trigger-time", "control-plane.alpha.kubernetes.io/leader")
# Writes that an idle cluster does by itself: heartbeats, status, events, tokens, and questions that are asked by POST.
BACKGROUND = re.compile(r'\bresource="(events|tokenreviews|\w*subjectaccessreviews|\w*subjectrulesreviews|certificatesigningrequests|)"'
                        r'|\bresource="leases".*verb="(PUT|PATCH)"'
                        r'|subresource="(status|token|approval)"|dry_run="All"')


def of_file(path):
    """Type, mode, owner, time and content of one path, without following links."""
    s = os.lstat(path)
    what = f"{stat.filemode(s.st_mode)} {s.st_uid}:{s.st_gid} {s.st_mtime_ns}"
    if stat.S_ISLNK(s.st_mode):
        return f"{what} -> {os.readlink(path)}"
    if stat.S_ISREG(s.st_mode):
        with open(path, "rb") as f:
            return f"{what} {s.st_size} {hashlib.file_digest(f, 'sha256').hexdigest()}"
    return what      # a folder, or the overlay's mark of a removed file


def files(name):
    upper, found = machines.MACHINES / name / "upper", {}
    for folder, folders, names in os.walk(upper):
        inside = os.path.relpath(folder, upper)
        folders[:] = [d for d in folders if not RESTLESS.match(os.path.normpath(os.path.join(inside, d)))]
        for entry in (*folders, *names):
            path = os.path.normpath(os.path.join(inside, entry))
            if not RESTLESS.match(path):
                found[f"{name} /{path}"] = of_file(os.path.join(folder, entry))
    return found


def system(name):
    lines = access.on(name, SYSTEM).splitlines()
    return {f"{name} {line}": "" for line in lines}


def kubectl_json(*args):
    r = subprocess.run(cluster.kubectl(*args, "-o", "json"), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if r.returncode:
        raise BedError(f"kubectl {' '.join(args)}: {r.stderr.strip()}")
    return json.loads(r.stdout)


def lasting(o):
    """An object without what changes on its own."""
    meta = {k: v for k, v in o["metadata"].items() if k not in VOLATILE_METADATA}
    meta["annotations"] = {k: v for k, v in meta.get("annotations", {}).items() if k not in VOLATILE_ANNOTATIONS}
    rest = {k: v for k, v in o.items() if k not in ("metadata", "status")}
    if o["kind"] == "Lease":      # renewed every few seconds: who holds one counts only for Drover's own
        spec = rest.pop("spec", {})
        if "drover" in meta["name"]:
            rest["holder"] = spec.get("holderIdentity")
    return dict(rest, metadata=meta)


def api():
    kinds = subprocess.run(cluster.kubectl("api-resources", "--verbs=list", "-o", "name"), capture_output=True, text=True,
                           stdin=subprocess.DEVNULL).stdout.split()
    if not kinds:
        raise BedError("the API server lists no kinds")
    found = {}
    for o in kubectl_json("get", ",".join(sorted(set(kinds) - NOT_STATE)), "-A")["items"]:
        m = o["metadata"]
        found[f"{o['kind']} {m.get('namespace', '')}/{m['name']}"] = json.dumps(lasting(o), sort_keys=True, indent=1)
    return found


def writes():
    """{request: count} of the API server's own book-keeping, without the background."""
    metrics = subprocess.run(cluster.kubectl("get", "--raw", "/metrics"), capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    found = {}
    for line in metrics.splitlines():
        if line.startswith("apiserver_request_total{") and re.search(r'verb="(POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION)"', line):
            labels, count = line.rsplit(" ", 1)
            if not BACKGROUND.search(labels):
                found[labels] = count
    if not metrics:
        raise BedError("the API server gives no metrics")
    return found


def take(nodes):
    """The fingerprint of the cluster with these nodes."""
    merged = lambda parts: {k: v for part in parts for k, v in part.items()}
    # the nodes' commands first: what a login itself may touch is then touched already
    return dict(system=merged(each(system, nodes)), files=merged(each(files, nodes)), api=api(), writes=writes())


def differences(before, after):
    """A readable diff, part by part; empty when nothing changed."""
    lines = []
    for part in before:
        old, new = before[part], after[part]
        for key in sorted({*old, *new}):
            if old.get(key) == new.get(key):
                continue
            if key not in old:
                lines.append(f"{part}: + {key} {new[key]}")
            elif key not in new:
                lines.append(f"{part}: - {key} {old[key]}")
            else:
                lines.append(f"{part}: {key}")
                lines += list(difflib.unified_diff(old[key].splitlines(), new[key].splitlines(), "before", "after", lineterm="", n=1))
    return lines


def at_rest(nodes):
    """A fingerprint of a cluster that has come to rest: twice the same, some seconds apart."""
    last = []

    def same():
        now = take(nodes)
        rest = bool(last) and not differences(last[-1], now)
        last.append(now)
        return rest

    wait_until(same, 120, lambda: "the cluster to come to rest:\n" + "\n".join(differences(last[-2], last[-1])), interval=5)
    return last[-1]
