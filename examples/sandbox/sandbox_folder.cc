#include "examples/sandbox/sandbox_folder.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "examples/sandbox/control/control_socket.h"
#include "examples/sandbox/node/child.h"
#include "examples/sandbox/node/text_file.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = ".drover-sandbox";  // tells a sandbox's folder from any other

fs::path new_folder() {
  std::string path = (fs::temp_directory_path() / "drover-sandbox-XXXXXX").string();
  if (::mkdtemp(path.data()) != nullptr) return path;
  throw std::runtime_error(fmt::format("cannot make {}: {}", path, std::strerror(errno)));
}

void empty(const fs::path& folder) {
  if (fs::is_empty(folder)) return;
  if (!fs::exists(folder / kMark)) {
    throw std::runtime_error(
        fmt::format("{} is not empty, and no sandbox ran in it", folder.string()));
  }
  if (answers_in(folder)) {
    throw std::runtime_error(fmt::format("a sandbox runs in {} already", folder.string()));
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    fs::remove_all(entry.path());
  }
}

std::string host_line(const Node& node) {
  return fmt::format("  {}: {{address: 127.0.0.1, port: {}, roles: [{}]}}\n", node.spec().name,
                     node.port(), node.spec().control_plane ? "control-plane" : "worker");
}

}  // namespace

SandboxFolder::SandboxFolder(const fs::path& wanted)
    : path_(wanted.empty() ? new_folder() : fs::absolute(wanted).lexically_normal()),
      temporary_(wanted.empty()) {
  fs::create_directories(path_);
  empty(path_);
  fs::permissions(path_, fs::perms::owner_all);
  write_text(path_ / kMark, "");
  run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "drover-sandbox", "-f",
       path_ / "id_ed25519"});
}

SandboxFolder::~SandboxFolder() {
  std::error_code ignored;
  if (temporary_) fs::remove_all(path_, ignored);
}

std::string SandboxFolder::public_key() const {
  return std::string(trim(read_text(path_ / "id_ed25519.pub")));
}

void SandboxFolder::write_files(const std::vector<Node*>& nodes) const {
  std::string hosts;
  std::string known;
  for (const Node* node : nodes) {
    hosts += host_line(*node);
    known += node->known_host() + "\n";
  }
  write_text(path_ / "known_hosts", known);
  write_text(path_ / "inventory.yaml",
             fmt::format("apiVersion: drover/v1\nkind: Inventory\ncluster: sandbox\n"
                         "ssh: {{user: root, identity_file: {0}/id_ed25519, "
                         "known_hosts: {0}/known_hosts}}\nhosts:\n{1}",
                         path_.string(), hosts));
  write_text(path_ / "upgrade.yaml",
             fmt::format("apiVersion: drover/v1\nkind: UpgradePlan\ninventory: inventory.yaml\n"
                         "target: {}\n"
                         "# A make-believe cluster settles at once.\n"
                         "health: {{settle: 0s, interval: 1s, consecutive: 1, timeout: 2m}}\n",
                         kTarget));
}

}  // namespace drover::sandbox
