"""The registry on the operator's address that the machines pull every image from."""
import http.server
import os
import re
import shutil

from .common import OPERATOR, REGISTRY_PORT
from .images import BLOBS, MANIFEST, TAGS


class Registry(http.server.BaseHTTPRequestHandler):
    """The reading half of the distribution API: enough for containerd to pull."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        blob = re.fullmatch(r"/v2/.+/blobs/sha256:([0-9a-f]{64})", path)
        manifest = re.fullmatch(r"/v2/(.+)/manifests/([\w.:-]+)", path)
        if path == "/v2/":
            return self.answer(b"{}", "application/json")
        if blob and (BLOBS / blob[1]).exists():
            return self.send(BLOBS / blob[1], "application/octet-stream", blob[1])
        if manifest and ".." not in path:
            tag = TAGS / manifest[1] / manifest[2]
            digest = (tag.read_text() if tag.exists() else manifest[2]).removeprefix("sha256:")
            if re.fullmatch("[0-9a-f]{64}", digest) and (BLOBS / digest).exists():
                return self.send(BLOBS / digest, MANIFEST, digest)
        self.answer(b'{"errors":[{"code":"NAME_UNKNOWN"}]}', "application/json", 404)

    do_HEAD = do_GET

    def answer(self, body, kind, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def send(self, path, kind, digest):
        with open(path, "rb") as f:
            size, start = os.path.getsize(path), 0
            ranged = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if ranged:
                start = int(ranged[1])
                f.seek(start)
            self.send_response(206 if ranged else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(size - start))
            if ranged:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.send_header("Docker-Content-Digest", f"sha256:{digest}")
            self.end_headers()
            if self.command == "GET":
                shutil.copyfileobj(f, self.wfile, 1 << 20)


def serve():
    http.server.ThreadingHTTPServer((OPERATOR, REGISTRY_PORT), Registry).serve_forever()
