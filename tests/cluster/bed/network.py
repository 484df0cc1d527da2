"""The network namespace that holds the operator and a bridge, and one namespace a machine with one cable to it.

Nothing crosses into the host's own network; the tool under test runs as `bed operator ...`.
"""
import pathlib

from .common import MACHINES, NETNS, OPERATOR, quiet, sh


def operator(*cmd):
    """cmd as the operator runs it: in the bed's network namespace."""
    return ["ip", "netns", "exec", NETNS, *map(str, cmd)]


def namespace(name):
    return f"{NETNS}-{name}"


def cable(name):
    return f"v-{name}"


def create(names):
    """The bridge, with the operator's end of it; names: {host name: address} that the operator can resolve."""
    if quiet("ip", "netns", "add", NETNS) == 0:
        ip = ["ip", "-n", NETNS]
        sh(*ip, "link", "set", "lo", "up")
        sh(*ip, "link", "add", "br0", "type", "bridge")
        sh(*ip, "addr", "add", f"{OPERATOR}/24", "dev", "br0")
        sh(*ip, "link", "set", "br0", "up")
        sh(*ip, "route", "add", "local", "default", "dev", "lo")   # the world outside refuses at once instead of swallowing
        sh(*operator("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0"))
    etc = pathlib.Path("/etc/netns") / NETNS      # what `ip netns exec` puts over /etc
    etc.mkdir(parents=True, exist_ok=True)
    (etc / "hosts").write_text("127.0.0.1 localhost\n" + "".join(f"{a} {n}\n" for n, a in names.items()))


def plug_in(m):
    """A network namespace as new as the boot, one cable to the bridge."""
    ns, wire = namespace(m["name"]), cable(m["name"])
    quiet("ip", "netns", "del", ns)
    quiet("ip", "-n", NETNS, "link", "del", wire)
    sh("ip", "netns", "add", ns)
    sh("ip", "-n", NETNS, "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", ns)
    sh("ip", "-n", NETNS, "link", "set", wire, "master", "br0", "down" if (MACHINES / m["name"] / "cut").exists() else "up")
    for command in ("link set lo up", f"addr add {m['ip']}/24 dev eth0", "link set eth0 up", f"route add default via {OPERATOR}"):
        sh("ip", "-n", ns, *command.split())
    sh("ip", "netns", "exec", ns, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.bridge.bridge-nf-call-iptables=1", check=False)
    route_pods(m)


def route_pods(m):
    quiet("ip", "-n", NETNS, "route", "replace", m["podcidr"], "via", m["ip"])


def remove_machine(name):
    quiet("ip", "netns", "del", namespace(name))


def remove():
    """Every namespace of the bed, whoever left it behind."""
    for line in sh("ip", "netns", "list", capture=True).splitlines():
        name = line.split()[0] if line.split() else ""
        if name == NETNS or name.startswith(f"{NETNS}-"):
            quiet("ip", "netns", "del", name)
    etc = pathlib.Path("/etc/netns") / NETNS
    (etc / "hosts").unlink(missing_ok=True)
    if etc.exists():
        etc.rmdir()
