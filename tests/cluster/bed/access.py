"""How the operator gets onto the machines: one key a cluster, their host keys, and commands over ssh."""
import subprocess

from . import network
from .common import MACHINES, RUN, quiet, sh, wait_until

KEY = RUN / "id_ed25519"
KNOWN_HOSTS = RUN / "known_hosts"
SSH_CONFIG = RUN / "ssh_config"


def make_key():
    RUN.mkdir(parents=True, exist_ok=True)
    if not KEY.exists():
        sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bed", "-f", KEY)
    return KEY.with_suffix(".pub").read_text()


def write_files(machines):
    """known_hosts and ssh_config for these machines."""
    known, config = "", ""
    for m in machines:
        for p in sorted((MACHINES / m["name"] / "upper/etc/ssh").glob("ssh_host_*.pub")):
            known += f"{m['ip']},{m['name']} " + " ".join(p.read_text().split()[:2]) + "\n"
        config += f"Host {m['name']} {m['ip']}\n  HostName {m['ip']}\n"
    config += (f"Host *\n  User root\n  IdentityFile {KEY}\n  IdentitiesOnly yes\n  UserKnownHostsFile {KNOWN_HOSTS}\n"
               "  StrictHostKeyChecking yes\n  ConnectTimeout 5\n  ServerAliveInterval 5\n  ServerAliveCountMax 6\n  LogLevel ERROR\n")
    KNOWN_HOSTS.write_text(known)
    SSH_CONFIG.write_text(config)


def ssh(name, *cmd):
    return network.operator("ssh", "-F", SSH_CONFIG, name, *cmd)


def on(name, script, check=True):
    """Run a shell script on a machine as root, and return what it said (both streams)."""
    return sh(*ssh(name, script), check=check, capture=True, stdin=subprocess.DEVNULL)


def wait_ssh(name, seconds=120):
    wait_until(lambda: quiet(*ssh(name, "true")) == 0, seconds, f"ssh on {name}; see {MACHINES / name / 'console.log'}")
