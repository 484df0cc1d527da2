#include "examples/sandbox/tools/disk_full.h"

#include <fmt/format.h>

#include "examples/sandbox/tools/recorded.h"

namespace drover::sandbox {
namespace {

constexpr const char* kNoRoom = "No space left on device";
constexpr const char* kGoNoRoom = "no space left on device";  // as programs in Go write it

int apt_says(const std::string& path) {
  const bool lock = path.ends_with("/lock");
  err(lock ? fmt::format("E: Could not open lock file {} - open (28: {})\n", path, kNoRoom)
           : fmt::format("E: Write error - write (28: {})\n", kNoRoom));
  return 100;
}

int dpkg_says(const std::string& path) {
  err(fmt::format(
      "dpkg: unrecoverable fatal error, aborting:\n unable to create new file '{}': {}\n", path,
      kNoRoom));
  return 2;
}

int kubeadm_says(const std::string& path) {
  const char* phase = path.starts_with("/etc/kubernetes") ? "control-plane" : "kubelet-config";
  err(
      fmt::format("error: error execution phase {}: open {}: {}\nTo see the stack trace of this "
                  "error execute with --v=5 or higher\n",
                  phase, path, kGoNoRoom));
  return 1;
}

}  // namespace

int say_disk_full(const Call& call, const std::string& path) {
  const std::string& tool = call.tool();
  if (tool.starts_with("apt")) return apt_says(path);
  if (tool.starts_with("dpkg")) return dpkg_says(path);
  if (tool == "kubeadm") return kubeadm_says(path);
  if (tool == "etcdctl") {
    err(fmt::format("Error: open {}: {}\n", path, kGoNoRoom));
    return 1;
  }
  err(fmt::format("{}: {}: {}\n", tool, path, kNoRoom));
  return 1;
}

}  // namespace drover::sandbox
