"""kubeadm on the machines: init, joins, load balancer, add-ons, status; and the removal of all of it."""
import json
import re
import shutil
import subprocess
import sys
import textwrap

from . import access, build, machines, network, packages, services, system
from .access import on
from .common import HERE, OPERATOR, RUN, BedError, each, minor, say, sh, wait_until
from .network import operator

ENTRY = HERE / "bed"
ADMIN = RUN / "admin.conf"
BY_HAND = RUN / "by-hand"      # there while a cluster is up that somebody made with `bed up`


def init_config(m, version):
    """One kubeadm.yaml for the first control plane; what differs from kubeadm's defaults is this bed's confinement."""
    api = "v1beta3" if minor(version) < 31 else "v1beta4"
    config = textwrap.dedent(f"""\
        apiVersion: kubeadm.k8s.io/{api}
        kind: InitConfiguration
        localAPIEndpoint:
          advertiseAddress: {m['ip']}
        nodeRegistration:
          name: {m['name']}
          criSocket: unix:///run/containerd/containerd.sock
        ---
        apiVersion: kubeadm.k8s.io/{api}
        kind: ClusterConfiguration
        kubernetesVersion: v{version}
        controlPlaneEndpoint: bed-api:6443
        networking:
          podSubnet: 10.244.0.0/16
        ---
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        cgroupDriver: cgroupfs
        cgroupRoot: /kubelet
        enforceNodeAllocatable: []
        failSwapOn: false
        imageGCHighThresholdPercent: 100
        evictionHard:
          memory.available: 100Mi
          nodefs.available: 1%
          nodefs.inodesFree: 1%
          imagefs.available: 1%
        ---
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        kind: KubeProxyConfiguration
        conntrack:
          maxPerCore: 0
          min: 0
        """)
    if minor(version) >= 31:       # a kubelet of 1.35 and later refuses cgroup v1 unless told; told early, an upgrade keeps it
        config = config.replace("failSwapOn: false\n", "failSwapOn: false\nfailCgroupV1: false\n")
    return config


def balance(control_planes):
    """bed-api:6443 for several control planes: haproxy on the operator's address, asking each API server whether it is ready."""
    config = RUN / "haproxy.cfg"
    config.write_text(textwrap.dedent(f"""\
        global
          maxconn 4000
        defaults
          mode tcp
          timeout connect 3s
          timeout client 2h
          timeout server 2h
        frontend api
          bind {OPERATOR}:6443
          default_backend control-planes
        backend control-planes
          balance roundrobin
          option httpchk GET /readyz
          http-check expect status 200
          default-server check check-ssl verify none inter 1s fall 2 rise 2 on-marked-down shutdown-sessions
        """) + "".join(f"  server {m['name']} {m['ip']}:6443\n" for m in control_planes))
    services.start("haproxy", *operator("haproxy", "-db", "-f", config))


def start_services():
    """What runs beside the machines; started again here should it have ended."""
    services.start("registry", *operator(sys.executable, ENTRY, "registry"))
    services.start("supervise", sys.executable, ENTRY, "supervise")
    control_planes = [m for m in machines.machines() if m["name"].startswith("cp")]
    if len(control_planes) > 1:
        balance(control_planes)


def kubectl(*args):
    return operator("env", f"KUBECONFIG={ADMIN}", build.newest_kubernetes("kubectl"), *args)


def ask(*args):
    """What kubectl says on stdout; nothing at all when it fails."""
    r = subprocess.run(kubectl(*args, "--request-timeout=5s"), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return r.stdout if r.returncode == 0 else ""


def wait_ready(count, seconds=240):
    def ready():
        nodes = ask("get", "nodes", "--no-headers").split("\n")
        dns = ask("-n", "kube-system", "get", "deploy", "coredns", "-o", "jsonpath={.status.readyReplicas}")
        return sum(" Ready " in f" {' '.join(line.split())} " for line in nodes) == count and dns == "2"

    wait_until(ready, seconds, lambda: "all nodes to be Ready and CoreDNS to run:\n" + ask("get", "nodes,pods", "-A"), interval=1)


def wait_rolled_out(seconds=180):
    """Until every deployment, daemon set and stateful set has all its pods."""
    for namespace in ("kube-system", "default"):
        for name in ask("-n", namespace, "get", "deploy,ds,sts", "-o", "name").split():
            sh(*kubectl("-n", namespace, "rollout", "status", name, f"--timeout={seconds}s"), capture=True)


def apply(manifest):
    sh(*kubectl("apply", "-f", manifest), capture=True)


def workload(name):
    path = HERE / f"workloads/{name}.yaml"
    if not path.exists():
        raise BedError(f"there is no workload {name}; there are: {' '.join(sorted(p.stem for p in path.parent.iterdir()))}")
    return path


def make_machines(version, everyone, api):
    system.base()
    network.create({"bed-api": api, **{m["name"]: m["ip"] for m in everyone}})
    pause = build.image_list(version)["pause"]
    each(lambda m: machines.create(m, everyone, api, pause, packages.source_line(version)), everyone)
    access.write_files(machines.machines())
    each(lambda m: machines.boot(m["name"]), everyone)
    start_services()
    each(lambda m: access.wait_ssh(m["name"]), everyone)
    say(len(everyone), "machines up")


def install(m, version, preload):
    release = f"{version}-1.1"
    on(m["name"], f"apt-get -q update && apt-get install -qy kubeadm={release} kubelet={release} kubectl={release} "
                  "&& apt-mark hold kubeadm kubelet kubectl")
    for v in preload:
        for name in build.image_list(v).values():
            on(m["name"], f"crictl pull {name}")


def form(version, everyone, control_planes):
    """kubeadm init on the first machine, kubeadm join on all others."""
    first, rest = everyone[0], everyone[1:]
    on(first["name"], f"cat > /root/kubeadm.yaml <<'X'\n{init_config(first, version)}X\n")
    lenient = "--ignore-preflight-errors=SystemVerification" if minor(version) >= 35 else ""     # cgroup v1
    upload = "--upload-certs" if control_planes > 1 else ""
    log = on(first["name"], f"kubeadm init --config /root/kubeadm.yaml {lenient} {upload} 2>&1 | tee /root/kubeadm-init.log; exit ${{PIPESTATUS[0]}}")
    ADMIN.touch(mode=0o600)
    ADMIN.write_text(on(first["name"], "mkdir -p /root/.kube && cp /etc/kubernetes/admin.conf /root/.kube/config && cat /etc/kubernetes/admin.conf"))
    say("kubeadm init done")
    join = on(first["name"], "kubeadm token create --print-join-command 2>/dev/null").strip().splitlines()[-1] + " " + lenient
    for m in rest[:control_planes - 1]:          # etcd takes one new member at a time
        key = re.search(r"--certificate-key (\S+)", log)[1]
        on(m["name"], f"{join} --control-plane --certificate-key {key} --apiserver-advertise-address {m['ip']} "
                      "&& mkdir -p /root/.kube && cp /etc/kubernetes/admin.conf /root/.kube/config")
        say(m["name"], "joined")
    each(lambda m: on(m["name"], join), rest[control_planes - 1:])
    say("workers joined")


def up(version, control_planes=1, workers=2, preload=(), metrics=True, workloads=()):
    """A fresh cluster; whatever an earlier one left behind is removed first."""
    manifests = [workload(w) for w in workloads]
    remove()
    everyone = machines.layout(control_planes, workers)
    api = OPERATOR if control_planes > 1 else everyone[0]["ip"]
    make_machines(version, everyone, api)
    each(lambda m: install(m, version, preload), everyone)
    say("packages installed")
    form(version, everyone, control_planes)
    wait_ready(len(everyone))
    say("all nodes Ready, CoreDNS running")
    for manifest in ([HERE / "addons/metrics-server.yaml"] if metrics else []) + manifests:
        apply(manifest)
    wait_rolled_out()
    say("add-ons and workloads running")


def by_hand():
    """Is a cluster up that somebody made with `bed up` and may be using?"""
    return BY_HAND.exists() and any(machines.running(m["name"]) for m in machines.machines())


def remove():
    """Everything of every cluster: services, machines, mounts, namespaces, files; also what a killed run left behind."""
    left_over = services.recorded() + [m["name"] for m in machines.machines()]
    if left_over:
        say("removing", *left_over)
    services.stop_all()
    machines.remove_all()
    network.remove()
    if RUN.exists():
        shutil.rmtree(RUN)


def down(names):
    if not names:
        return remove()
    for name in names:
        machines.machine(name)
    each(lambda name: machines.remove(machines.MACHINES / name), names)


def status():
    for m in machines.machines():
        d = machines.MACHINES / m["name"]
        state = ("running" if machines.running(m["name"]) else "stopped") + "".join(f", {f}" for f in ("off", "cut") if (d / f).exists())
        print(f"{m['name']:5} {m['ip']:12} {state}")
    for name in services.recorded():
        pid = services.pid_of(name)
        print(f"{name:10} {f'pid {pid}' if pid else 'ended'}")
    print(ask("get", "nodes", "-o", "wide") if ADMIN.exists() else "no cluster")


def inventory(user="root"):
    """inventory.yaml of the cluster that is up, as Drover reads it."""
    lines = ["apiVersion: drover/v1", "kind: Inventory", "cluster: bed", "ssh:", f"  user: {user}",
             f"  identity_file: {access.KEY}", f"  known_hosts: {access.KNOWN_HOSTS}", "hosts:"]
    for m in machines.machines():
        role = "control-plane" if m["name"].startswith("cp") else "worker"
        lines.append(f"  {m['name']}: {{address: {m['ip']}, roles: [{role}]}}")
    return "\n".join(lines) + "\n"


def kwok(count):
    """COUNT fake nodes fake-0000 ..., kept alive by kwok against the real API server; 0 removes them."""
    if count == 0:
        services.stop("kwok")
        sh(*kubectl("delete", "nodes", "-l", "type=kwok", "--wait=false"), capture=True)
        return
    program = build.program("kwok")
    services.start("kwok", *operator(program, "--kubeconfig", ADMIN, "--config", program.parent / "stages.yaml", "--node-lease-duration-seconds", "40",
                                     "--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"))
    version = ask("get", "nodes", "-l", "node-role.kubernetes.io/control-plane", "-o", "jsonpath={.items[0].status.nodeInfo.kubeletVersion}")
    sizes = dict(cpu="32", memory="256Gi", pods="110")
    info = dict.fromkeys(("architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion",
                          "machineID", "operatingSystem", "osImage", "systemUUID"), "") | dict(kubeletVersion=version)
    node = lambda i: dict(
        apiVersion="v1", kind="Node",
        metadata=dict(name=f"fake-{i:04}", annotations={"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
                      labels={"type": "kwok", "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": f"fake-{i:04}"}),
        spec=dict(taints=[dict(key="kwok.x-k8s.io/node", value="fake", effect="NoSchedule")]),
        status=dict(capacity=sizes, allocatable=sizes, nodeInfo=info))
    text = json.dumps(dict(apiVersion="v1", kind="List", items=[node(i) for i in range(count)]))
    subprocess.run(kubectl("create", "-f", "-"), input=text, text=True, check=True, stdout=subprocess.DEVNULL)
    say(count, "fake nodes created")
