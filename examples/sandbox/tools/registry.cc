#include <array>

#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {
namespace {

struct Row {
  const char* name;
  Tool tool;
  bool on_node = true;
};

constexpr std::array kRows = {
    Row{"apt-cache", apt_cache},
    Row{"apt-config", apt_config},
    Row{"apt-get", apt_get},
    Row{"apt-mark", apt_mark},
    Row{"crictl", crictl},
    Row{"ctr", ctr},
    Row{"dpkg", dpkg},
    Row{"dpkg-deb", dpkg_deb},
    Row{"dpkg-query", dpkg_query},
    Row{"etcdctl", etcdctl, false},
    Row{"etcdutl", etcdutl, false},
    Row{"halt", power_switch},
    Row{"journalctl", journalctl},
    Row{"kubeadm", kubeadm},
    Row{"kubectl", kubectl},
    Row{"kubelet", kubelet},
    Row{"poweroff", power_switch},
    Row{"reboot", power_switch},
    Row{"shutdown", power_switch},
    Row{"sudo", sudo},
    Row{"systemctl", systemctl},
    Row{"systemd-run", systemd_run},
};

}  // namespace

Tool find_tool(const std::string& name) {
  for (const Row& row : kRows) {
    if (name == row.name) return row.tool;
  }
  return nullptr;
}

std::vector<std::string> names_on_a_node() {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    if (row.on_node) names.emplace_back(row.name);
  }
  return names;
}

}  // namespace drover::sandbox
