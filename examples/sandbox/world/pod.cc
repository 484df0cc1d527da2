#include "examples/sandbox/world/pod.h"

#include <algorithm>

namespace drover::sandbox {

bool PodSpec::tolerates(const Taint& taint) const {
  return std::any_of(tolerations.begin(), tolerations.end(),
                     [&](const Toleration& one) { return one.covers(taint); });
}

// A container that starts makes its pod Running, before it is Ready.
const char* Pod::phase() const {
  if (finished) return "Succeeded";
  return node.empty() ? "Pending" : "Running";
}

}  // namespace drover::sandbox
