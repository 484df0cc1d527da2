#include <fmt/format.h>

#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {

/// kubelet --version
int kubelet(Call& call) {
  if (call.args() != std::vector<std::string>{"--version"}) call.unknown();
  call.begin(Effect::Reads, "");
  out(fmt::format("Kubernetes {}\n", version_of("kubelet")));
  return 0;
}

/// kubectl version --client
int kubectl(Call& call) {
  if (call.args() != std::vector<std::string>{"version", "--client"}) call.unknown();
  call.begin(Effect::Reads, "");
  out(fmt::format("Client Version: {}\n", version_of("kubectl")));
  return 0;
}

}  // namespace drover::sandbox
