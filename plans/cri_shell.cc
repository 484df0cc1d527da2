#include "plans/cri_shell.h"

#include <string_view>

namespace drover::plans {
namespace {

// The kubelet knows its runtime's socket from kubeadm: up to 1.33 by a flag, later by a file.
constexpr std::string_view kRuntime = R"sh(kubelet=/var/lib/kubelet
socket=$(sed -n 's/.*--container-runtime-endpoint=\([^" ]*\).*/\1/p' "$kubelet/kubeadm-flags.env" 2>/dev/null | head -n 1)
if [ -z "$socket" ]; then
  socket=$(cat "$kubelet/instance-config.yaml" "$kubelet/config.yaml" 2>/dev/null |
    sed -n 's/^containerRuntimeEndpoint: *"\{0,1\}\([^" ]\{1,\}\)"\{0,1\} *$/\1/p' | head -n 1)
fi
cri() {
  if [ -n "$socket" ]; then crictl -r "$socket" "$@"; else crictl "$@"; fi
}
)sh";

}  // namespace

std::string cri_shell() { return std::string(kRuntime); }

}  // namespace drover::plans
