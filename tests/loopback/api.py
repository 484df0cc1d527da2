"""The Kubernetes API on loopback: knows exactly the requests that Drover sends; any other is answered 501 and remembered."""
import dataclasses
import http.server
import json
import ssl
import threading
import time

import objects
from reads import LEASES, NotFound, Reads
from writes import Writes


@dataclasses.dataclass
class Request:
    verb: str
    path: str
    body: str
    status: int = 0

    def mutates(self):
        return self.verb != "GET"

    def is_lock(self):
        return self.path == LEASES or self.path == f"{LEASES}/drover"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        if len(body.encode()) < length:      # whoever sent it died in the middle: no server acts on that
            self.close_connection = True
            return
        answer = self.server.api.handle(self.command, self.path, body, self.headers.get("Content-Type"))
        if answer is None:
            self.close_connection = True
            return
        status, content = answer
        text = content if isinstance(content, str) else json.dumps(content)
        head = f"HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {len(text.encode())}\r\n\r\n"
        self.wfile.write((head + text).encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, api, context):
        self.api, self.context = api, context
        super().__init__(("127.0.0.1", 0), Handler)

    def finish_request(self, request, client_address):
        # In the connection's own thread: a client that is slow with its handshake holds up nobody else.
        try:
            with self.context.wrap_socket(request, server_side=True) as tls:
                self.RequestHandlerClass(tls, client_address, self)
        except OSError:
            pass      # the client went away


class Api:
    def __init__(self, world, keys):
        self.world, self.requests, self.unknown = world, [], []
        self.before_write = self.after_write = lambda request: None      # tests strike here
        self._reads, self._writes = Reads(world), Writes(world)
        self._one_at_a_time = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys.file("server.crt"), keys.file("server.key"))
        context.load_verify_locations(keys.file("ca.crt"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.num_tickets = 0
        self._server = Server(self, context)
        self.port = self._server.server_port
        self.down = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def handle(self, verb, path, body, content_type):
        """A status and a body; None: no answer, the connection ends."""
        request = Request(verb, path, body)
        if self.down or self.world.away(time.time()):
            return None
        if request.mutates():
            self.before_write(request)
        with self._one_at_a_time:
            self.requests.append(request)
            self.world.settle(time.time())
            request.status, answer = self._answer(request, content_type)
        if request.mutates():
            self.after_write(request)
        return request.status, answer

    def _answer(self, request, content_type):
        try:
            if request.mutates():
                expected = "application/merge-patch+json" if request.verb == "PATCH" else "application/json"
                answer = self._writes.answer(request.verb, request.path, json.loads(request.body)) if content_type == expected else None
            else:
                body = self._reads.answer(request.path)
                answer = None if body is None else (200, body)
        except NotFound:
            return 404, objects.refusal(404, "NotFound", f"{request.path} not found")
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            self.unknown.append(f"{request.verb} {request.path} {request.body}: {wrong!r}")
            return 400, objects.refusal(400, "BadRequest", repr(wrong))
        if answer is None:
            self.unknown.append(f"{request.verb} {request.path} {request.body}")
            return 501, objects.refusal(501, "NotImplemented", "not one of the requests that are known here")
        return answer

    def writes(self):
        return [r for r in self.requests if r.mutates()]
