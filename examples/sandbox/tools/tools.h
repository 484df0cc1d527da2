#pragma once

#include <string>
#include <vector>

#include "examples/sandbox/tools/call.h"

/// The stand-ins, one function a tool. Each returns the exit code; what it prints and changes is
/// what the real tool prints and changes, as far as Drover and an operator on the node look at it.
namespace drover::sandbox {

int apt_get(Call& call);
int apt_cache(Call& call);
int apt_config(Call& call);
int apt_mark(Call& call);
int dpkg(Call& call);
int dpkg_deb(Call& call);
int dpkg_query(Call& call);

int kubeadm(Call& call);
int kubelet(Call& call);
int kubectl(Call& call);

int crictl(Call& call);
int ctr(Call& call);
int etcdctl(Call& call);
int etcdutl(Call& call);

int systemctl(Call& call);
int systemd_run(Call& call);
int journalctl(Call& call);
int power_switch(Call& call);
int sudo(Call& call);

using Tool = int (*)(Call&);

/// Does what the call asks of its tool, whatever fault meets it; the exit code. A call of a tool
/// for which there is no stand-in is one that nobody foresaw.
int carry_out(Call& call);

/// The tool of that name; nullptr when there is no stand-in for it.
Tool find_tool(const std::string& name);

/// Names that belong on a node, sorted. Without etcdctl and etcdutl: they are in etcd's image
/// alone, where `crictl exec` finds them.
std::vector<std::string> names_on_a_node();

}  // namespace drover::sandbox
