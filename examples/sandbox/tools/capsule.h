#pragma once

#include <string>

namespace drover::sandbox {

/// The capsule whose script this call belongs to, found among its ancestors by the path of its
/// supervisor, /var/lib/drover/steps/ID/supervise; "-" without one.
std::string capsule_of_caller();

}  // namespace drover::sandbox
