#include "examples/sandbox/node/requirements.h"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

#include "examples/sandbox/node/child.h"

namespace drover::sandbox {
namespace {

struct Needed {
  const char* program;
  const char* package;
};

constexpr Needed kPrograms[] = {
    {"/usr/bin/bwrap", "bubblewrap"},          {"/usr/sbin/sshd", "openssh-server"},
    {"/usr/bin/ssh-keygen", "openssh-client"}, {"/usr/bin/nsenter", "util-linux"},
    {"/usr/bin/setpriv", "util-linux"},        {"/usr/bin/unshare", "util-linux"}};

/// Tries what every node needs of the kernel; what bwrap says when it cannot be had.
std::string namespaces_refused() {
  std::vector<std::string> words = {"/usr/bin/bwrap", "--unshare-pid", "--unshare-uts"};
  if (::geteuid() != 0) words.emplace_back("--unshare-user");
  words.insert(words.end(), {"--ro-bind", "/", "/", "--proc", "/proc", "/usr/bin/true"});
  try {
    run(words);
    return "";
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
}

}  // namespace

std::vector<std::string> missing_here() {
  std::vector<std::string> missing;
  for (const auto& [program, package] : kPrograms) {
    if (::access(program, X_OK) == 0) continue;
    missing.push_back(fmt::format("{} is missing: apt-get install {}", program, package));
  }
  if (!missing.empty()) return missing;
  const std::string refused = namespaces_refused();
  if (refused.empty()) return missing;
  missing.push_back(fmt::format(
      "this machine lets {} make no namespaces ({}): {}",
      ::geteuid() == 0 ? "root" : "an ordinary user", refused,
      ::geteuid() == 0
          ? "inside a container, run the container with --privileged"
          : "run this as root, or let users make them: sysctl user.max_user_namespaces=10000, "
            "and where they exist kernel.unprivileged_userns_clone=1 and "
            "kernel.apparmor_restrict_unprivileged_userns=0; inside a container, run the container "
            "with --privileged"));
  return missing;
}

}  // namespace drover::sandbox
