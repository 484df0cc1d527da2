#!/usr/bin/env python3
"""Two network namespaces, and between them a wire on which each packet takes its time: a TUN device at either end, and this program as the wire.
Packets are delayed, not byte streams: connecting, acknowledgements and the SYN pay for the distance as they do on a real one."""
import collections
import fcntl
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

NEAR, FAR = "10.77.0.1", "10.77.0.2"
TUN = "/dev/net/tun"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def why_not():
    """What this machine lacks; empty when nothing."""
    reasons = [] if os.access(TUN, os.R_OK | os.W_OK) else [f"{TUN} cannot be opened"]
    return "; ".join(reasons + [f"{name} is missing" for name in ("ip", "nsenter", "unshare") if not shutil.which(name)])


class _End:
    """A process that holds a namespace; its device's descriptor has been handed over."""

    def __init__(self, address, peer):
        ours, theirs = socket.socketpair()
        self._ours = ours
        self.process = subprocess.Popen(["unshare", "--net", sys.executable, __file__, address, peer, str(theirs.fileno())],
                                        pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        ours.settimeout(20)
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        if not descriptors:
            self.process.wait()
            raise RuntimeError("no TUN device could be made (see above)")
        self.device = descriptors[0]
        os.set_blocking(self.device, False)
        self.prefix = ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"]

    def close(self):
        self._ours.close()
        self.process.wait()
        os.close(self.device)


class DelayedNetwork:
    """`prefix` words bring a command to one end; NEAR and FAR are the ends' addresses."""

    def __init__(self, round_trip):
        self.round_trip = round_trip      # seconds

    def __enter__(self):
        self.near, self.far = _End(NEAR, FAR), _End(FAR, NEAR)
        self._stop, self._stopped = os.pipe()
        self._wire = threading.Thread(target=self._carry)
        self._wire.start()
        return self

    def __exit__(self, *_):
        os.close(self._stopped)
        self._wire.join()
        os.close(self._stop)
        self.near.close()
        self.far.close()

    def _carry(self):
        other = {self.near.device: self.far.device, self.far.device: self.near.device}
        under_way = collections.deque()      # (when it arrives, where, packet): all take equally long, so they stay in order
        while True:
            pause = max(0, under_way[0][0] - time.monotonic()) if under_way else None
            ready, _, _ = select.select([*other, self._stop], [], [], pause)
            if self._stop in ready:
                return
            now = time.monotonic()
            under_way.extend((now + self.round_trip / 2, other[device], os.read(device, 65536)) for device in ready)
            while under_way and under_way[0][0] <= time.monotonic():
                _, device, packet = under_way.popleft()
                os.write(device, packet)


def hold_end(address, peer, descriptor):
    """In the namespace: makes the device, hands it over, and stays until the other side is gone."""
    device = os.open(TUN, os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"wire", IFF_TUN | IFF_NO_PI))
    for command in (["addr", "add", address, "peer", peer, "dev", "wire"], ["link", "set", "wire", "up"], ["link", "set", "lo", "up"]):
        subprocess.run(["ip", *command], check=True)
    with socket.socket(fileno=descriptor) as theirs:
        socket.send_fds(theirs, [b"."], [device])
        theirs.recv(1)


if __name__ == "__main__":
    hold_end(sys.argv[1], sys.argv[2], int(sys.argv[3]))
