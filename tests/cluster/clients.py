"""Clients that ask the cluster while it is upgraded, and never wait."""
import json

from bed import build, machines, network, services
from bed.common import sh, wait_until


class Clients:
    """Clients that ask again and again: the service on every node's port, and the API server.

    Every node's port is asked, because each measures the service: it is answered by kube-proxy's rules there, which outlive
    a restart of kube-proxy, and no machine goes down in this upgrade. So no failure on any of them has an excuse.
    """

    def __init__(self, folder, nodes):
        self.addresses = {m["name"]: m["ip"] for m in machines.machines() if m["name"] in nodes}
        self.urls = {f"web-at-{n}": (f"http://{ip}:30080/", "0.1") for n, ip in self.addresses.items()}
        self.urls["api"] = (f"https://{self.addresses[nodes[0]]}:6443/readyz", "0.5")
        self.folder = folder

    def start(self):
        for url, _ in self.urls.values():
            wait_until(lambda: sh(*network.operator("curl", "-skfo", "/dev/null", "-m", "2", url), check=False) == 0, 60, url)
        for name, (url, interval) in self.urls.items():
            services.start(name, *network.operator(build.program("web"), "watch", url, interval), output=self.folder / f"{name}.json")

    def stop(self):
        """{client: {asked, failed, outages}}"""
        for name in self.urls:
            services.stop(name)
        return {name: json.loads((self.folder / f"{name}.json").read_text()) for name in self.urls}


def reachability(report, heard, excused=lambda client, outage: False):
    """`excused`: whether an outage of a client is none of the service, because the machine whose port it asked was down."""
    for name, r in heard.items():
        longest = max((o["seconds"] for o in r["outages"]), default=0)
        report.say(f"         {name}: {r['failed']} of {r['asked']} requests failed" + (f", longest outage {longest:.0f} s" if r["failed"] else ""))
    web = {n: r for n, r in heard.items() if n != "api"}
    asked = sum(r["asked"] for r in web.values())
    failed = sum(o["failed"] for n, r in web.items() for o in r["outages"] if not excused(n, o))
    unnamed = sum(r["failed"] - sum(o["failed"] for o in r["outages"]) for r in web.values())
    report.check(f"{failed} failed requests of {asked} to the service", failed == 0 and unnamed == 0 and asked > 100, json.dumps(web, indent=1))
