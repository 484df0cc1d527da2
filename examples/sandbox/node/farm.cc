#include "examples/sandbox/node/farm.h"

namespace drover::sandbox {
namespace {

namespace fs = std::filesystem;

void link_all(const fs::path& from, const fs::path& farm) {
  fs::create_directories(farm);
  for (const fs::directory_entry& program : fs::directory_iterator(from)) {
    const fs::path name = program.path().filename();
    fs::create_symlink(kHostFolder + (from / name).string(), farm / name);
  }
  for (const std::string& name : stood_in_for()) {
    fs::remove(farm / name);
    fs::create_symlink(kTool, farm / name);
  }
}

}  // namespace

const std::vector<std::string>& stood_in_for() {
  static const std::vector<std::string> names = {
      "apt",        "apt-cache", "apt-config",  "apt-get", "apt-mark", "crictl", "ctr",
      "dpkg",       "dpkg-deb",  "dpkg-query",  "etcdctl", "etcdutl",  "halt",   "init",
      "journalctl", "kubeadm",   "kubectl",     "kubelet", "poweroff", "reboot", "shutdown",
      "sudo",       "systemctl", "systemd-run", "telinit"};
  return names;
}

Farm make_farm(const std::filesystem::path& folder) {
  Farm farm{folder / "bin", folder / "sbin"};
  link_all("/usr/bin", farm.bin);
  link_all("/usr/sbin", farm.sbin);
  return farm;
}

}  // namespace drover::sandbox
