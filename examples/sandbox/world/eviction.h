#pragma once

#include "examples/sandbox/world/answer.h"
#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// POST pods/NAME/eviction, its body read: as registry/core/pod/storage/eviction.go answers.
/// `uid`: the precondition, or empty.
Answer evict(World& world, const std::string& ns, const std::string& name, const std::string& uid,
             Moment now);

/// DELETE pods/NAME, which asks no budget.
Answer delete_pod(World& world, const std::string& ns, const std::string& name,
                  const std::string& uid, Moment now);

}  // namespace drover::sandbox
