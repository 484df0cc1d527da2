#!/usr/bin/env python3
"""crictl's everyday verbs on top of ctr (the real cri-tools can't be had here): version info pull images inspecti rmi
ps pods inspect stop logs exec.  ps and pods know -a -q -o json --name --state --label --pod --namespace; exec knows -i -s;
logs --tail --since --timestamps. The newest comes first.
Not as the real one: created times are missing from tables, -o yaml|table, stats, attach, port-forward, run."""
import argparse, glob, json, os, re, subprocess, sys, time, uuid

CTR = ["ctr", "-n", "k8s.io"]
COLUMNS = "{:13}  {:50}  {:8}  {:24}  {:7}  {:13}  {:40}  {}"


def out(*cmd):
    return subprocess.run([*CTR, *cmd], capture_output=True, text=True).stdout


def running():
    """{container id: pid} of the tasks that run."""
    return {f[0]: int(f[1]) for f in (line.split() for line in out("tasks", "ls").splitlines()[1:]) if len(f) > 2 and f[2] == "RUNNING"}


def containers(kind):
    pids = running()
    for cid in out("containers", "ls", "-q").split():
        info = json.loads(out("containers", "info", cid) or "{}")
        labels = info.get("Labels") or {}
        if labels.get("io.cri-containerd.kind") == kind:
            yield cid, info, labels, pids.get(cid)


def find(prefix):
    for cid, info, labels, pid in containers("container"):
        if cid.startswith(prefix):
            return cid, info, labels, pid
    sys.exit(f'time="" level=fatal msg="execing command in container: rpc error: code = NotFound desc = could not find container \\"{prefix}\\""')


def as_cri(cid, info, labels, pid):
    """A container as crictl's JSON has it."""
    name = labels.get("io.kubernetes.container.name", "")
    return dict(id=cid, podSandboxId=info.get("Spec", {}).get("annotations", {}).get("io.kubernetes.cri.sandbox-id", ""), metadata=dict(name=name, attempt=0),
                image=dict(image=info.get("Image", "")), imageRef=info.get("Image", ""), state="CONTAINER_RUNNING" if pid else "CONTAINER_EXITED",
                createdAt=info.get("CreatedAt", ""), labels=labels)


def listing(verb, rest):
    p = argparse.ArgumentParser(prog="crictl " + verb)
    p.add_argument("-a", "--all", action="store_true"); p.add_argument("-q", "--quiet", action="store_true")
    p.add_argument("-o", "--output", default="table"); p.add_argument("--name", default=""); p.add_argument("--state", default="")
    p.add_argument("--label", action="append", default=[]); p.add_argument("--pod", default=""); p.add_argument("--namespace", default="")
    p.add_argument("-l", "--latest", action="store_true"); p.add_argument("--no-trunc", action="store_true")
    a = p.parse_args(rest)
    kind = "container" if verb == "ps" else "sandbox"
    found = []
    for cid, info, labels, pid in containers(kind):
        name = labels.get("io.kubernetes.container.name" if verb == "ps" else "io.kubernetes.pod.name", "")
        state = ("Running" if pid else "Exited") if verb == "ps" else ("Ready" if pid else "NotReady")
        entry = as_cri(cid, info, labels, pid)
        if ((pid or a.all or a.state or verb == "pods") and re.search(a.name, name) and a.state.lower() in ("", state.lower())
                and all(labels.get(l.split("=")[0]) == l.split("=")[1] for l in a.label) and entry["podSandboxId"].startswith(a.pod)
                and a.namespace in ("", labels.get("io.kubernetes.pod.namespace"))):
            found.append((entry, state, name, labels))
    found.sort(key=lambda one: one[0]["createdAt"], reverse=True)
    if a.output == "json":
        if verb == "ps":
            print(json.dumps(dict(containers=[e for e, *_ in found]), indent=2))
        else:
            print(json.dumps(dict(items=[dict(id=e["id"], state="SANDBOX_READY" if s == "Ready" else "SANDBOX_NOTREADY", labels=l, createdAt=e["createdAt"],
                                  metadata=dict(name=n, namespace=l.get("io.kubernetes.pod.namespace", ""), uid=l.get("io.kubernetes.pod.uid", ""))) for e, s, n, l in found]), indent=2))
    elif a.quiet:
        for e, *_ in found:
            print(e["id"])
    else:
        print(COLUMNS.format("CONTAINER", "IMAGE", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"))
        for e, s, n, l in found:
            print(COLUMNS.format(e["id"][:13], e["image"]["image"][:50], s, n, 0, e["podSandboxId"][:13], l.get("io.kubernetes.pod.name", ""), l.get("io.kubernetes.pod.namespace", "")))


def moment(since):
    """Of --since: a time, or how long ago ("60s"); as text that is compared with the times of lines."""
    if not since.endswith("s"):
        return since.rstrip("Z")
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - int(since[:-1])))


def logs(rest):
    """What the container runtime wrote, "TIME STREAM TAG TEXT" a line, as the kubelet's code shows it."""
    p = argparse.ArgumentParser(prog="crictl logs")
    p.add_argument("--tail", type=int, default=-1); p.add_argument("--since", default=""); p.add_argument("-t", "--timestamps", action="store_true")
    p.add_argument("container")
    a = p.parse_args(rest)
    _, _, labels, _ = find(a.container)
    pod = "_".join(labels["io.kubernetes.pod." + k] for k in ("namespace", "name", "uid"))
    newest = sorted(glob.glob(f"/var/log/pods/{pod}/{labels['io.kubernetes.container.name']}/*.log"), key=os.path.getmtime)[-1:]
    lines = [line for log in newest for line in open(log, errors="surrogateescape")]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="surrogateescape", line_buffering=True)
    for at, stream, _, text in (line.split(" ", 3) for line in lines[len(lines) - a.tail if 0 <= a.tail < len(lines) else 0:]):
        if at[:19] >= moment(a.since)[:19]:
            at = f"{at[:-1]:0<29}Z"     # nine digits behind the point, as the kubelet's code writes times
            (sys.stderr if stream == "stderr" else sys.stdout).write(f"{at} {text}" if a.timestamps else text)
    return 0


def stop(rest):
    """Asks the containers to end, and makes them after the timeout; the CRI plugin sees it, and so does the kubelet."""
    p = argparse.ArgumentParser(prog="crictl stop")
    p.add_argument("-t", "--timeout", type=int, default=0); p.add_argument("containers", nargs="+")
    a = p.parse_args(rest)
    for prefix in a.containers:
        cid = find(prefix)[0]
        deadline = time.time() + a.timeout
        signal = "SIGTERM"
        while cid in running():
            if time.time() >= deadline:
                signal = "SIGKILL"
            if signal:
                subprocess.run([*CTR, "tasks", "kill", "--signal", signal, cid], capture_output=True)
            signal = ""
            time.sleep(0.1)
        print(cid)
    return 0


def main(args):
    while args and args[0].startswith("-"):
        valued = args[0] in ("-r", "--runtime-endpoint", "-i", "--image-endpoint", "-t", "--timeout", "-c", "--config")
        args = args[2:] if valued else args[1:]
    verb, rest = (args[0] if args else "--help"), args[1:]
    names = [a for a in rest if not a.startswith("-")]
    if verb == "info":
        return subprocess.call([*CTR, "version"], stdout=subprocess.DEVNULL) or print(json.dumps(dict(status=dict(conditions=[dict(type="RuntimeReady", status=True)]))))
    if verb in ("version", "--version", "-v"):
        return print("Version:  0.1.0\nRuntimeName:  containerd\nRuntimeApiVersion:  v1")
    if verb == "pull":
        return subprocess.call([*CTR, "images", "pull", "--hosts-dir", "/etc/containerd/certs.d", names[-1]], stdout=subprocess.DEVNULL) or print("Image is up to date for", names[-1])
    if verb in ("images", "image", "img"):
        rows = [f for f in (line.split() for line in out("images", "ls").splitlines()[1:]) if not f[0].startswith("sha256:") and "@" not in f[0]]
        if "json" in rest:
            return print(json.dumps(dict(images=[dict(id=f[2], repoTags=[f[0]], repoDigests=[]) for f in rows]), indent=2))
        for f in rows:
            print(f[0] if "-q" in rest else f"{f[0].rsplit(':', 1)[0]:60} {f[0].rsplit(':', 1)[1]:12} {f[2][7:20]} {f[3]}{f[4]}")
        return 0
    if verb == "inspecti":
        return 0 if names[-1] in out("images", "ls", "-q").split() and not print("{}") else 1
    if verb == "rmi":
        return subprocess.call([*CTR, "images", "rm", *names])
    if verb in ("ps", "pods"):
        return listing(verb, rest)
    if verb == "inspect":
        cid, info, labels, pid = find(names[-1])
        return print(json.dumps(dict(status=as_cri(cid, info, labels, pid), info=dict(pid=pid or 0)), indent=2))
    if verb == "stop":
        return stop(rest)
    if verb == "exec":
        while rest and rest[0].startswith("-"):
            rest = rest[1:]
        return subprocess.call([*CTR, "tasks", "exec", "--exec-id", "crictl-" + uuid.uuid4().hex[:12], find(rest[0])[0], *rest[1:]])
    if verb == "logs":
        return logs(rest)
    sys.exit(f"crictl (bed): unsupported: {verb}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
