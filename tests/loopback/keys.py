"""Keys and certificates that a test makes for itself; they go with its folder."""
import base64
import pathlib
import re
import subprocess


def _run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ssh_key(path):
    """A key pair at `path` and `path`.pub; returns what known_hosts and authorized_keys want of it."""
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path))
    return " ".join(pathlib.Path(f"{path}.pub").read_text().split()[:2])


def with_other_authority(kubeconfig, folder):
    """The same kubeconfig, but an authority that signed nothing of this cluster."""
    certificate, key = str(folder / "other-ca.crt"), str(folder / "other-ca.key")
    _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=kubernetes",
         "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", key, "-out", certificate)
    data = base64.b64encode(pathlib.Path(certificate).read_bytes()).decode()
    return re.sub("(certificate-authority-data: ).*", lambda found: found[1] + data, kubeconfig)


def decoded(kubeconfig, name):
    """What stands in base64 behind a key of a kubeconfig."""
    return base64.b64decode(re.search(rf"{name}: (\S+)", kubeconfig)[1]).decode()
