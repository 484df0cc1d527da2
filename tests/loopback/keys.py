"""Keys and certificates, made at run time and thrown away with their folder."""
import base64
import pathlib
import subprocess


def _run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ssh_key(path):
    """A key pair at `path` and `path`.pub; returns what known_hosts and authorized_keys want of it."""
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "loopback", "-f", str(path))
    return public_of(path)


def public_of(path):
    return " ".join(pathlib.Path(f"{path}.pub").read_text().split()[:2])


class Keys:
    """What all clusters of one test program share: the operator's SSH key, the API's authority, server and client."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.user = self.folder / "user"
        make_ssh_key(self.user)
        self._authority()
        self._certificate("server", "/CN=kube-apiserver", "subjectAltName=DNS:kubernetes,IP:127.0.0.1\nextendedKeyUsage=serverAuth")
        self._certificate("client", "/O=system:masters/CN=kubernetes-admin", "extendedKeyUsage=clientAuth")

    def file(self, name):
        return str(self.folder / name)

    def _authority(self):
        _run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-subj", "/CN=kubernetes", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", self.file("ca.key"), "-out", self.file("ca.crt"))

    def _certificate(self, name, subject, extensions):
        (self.folder / f"{name}.ext").write_text(extensions + "\n")
        _run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
             "-keyout", self.file(f"{name}.key"), "-out", self.file(f"{name}.csr"))
        _run("openssl", "x509", "-req", "-in", self.file(f"{name}.csr"), "-CA", self.file("ca.crt"), "-CAkey", self.file("ca.key"),
             "-CAcreateserial", "-days", "1", "-extfile", self.file(f"{name}.ext"), "-out", self.file(f"{name}.crt"))

    def admin_conf(self, port):
        """What kubeadm writes to /etc/kubernetes/admin.conf."""
        data = {name: base64.b64encode((self.folder / name).read_bytes()).decode() for name in ("ca.crt", "client.crt", "client.key")}
        return f"""apiVersion: v1
kind: Config
current-context: kubernetes-admin@kubernetes
clusters:
- name: kubernetes
  cluster:
    server: https://127.0.0.1:{port}
    certificate-authority-data: {data["ca.crt"]}
users:
- name: kubernetes-admin
  user:
    client-certificate-data: {data["client.crt"]}
    client-key-data: {data["client.key"]}
contexts:
- name: kubernetes-admin@kubernetes
  context: {{cluster: kubernetes, user: kubernetes-admin}}
"""
