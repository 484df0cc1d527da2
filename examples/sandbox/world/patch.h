#pragma once

#include "examples/sandbox/world/answer.h"
#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// PATCH nodes/NAME with a JSON merge patch (RFC 7396) of labels, annotations and spec. A
/// resourceVersion in it is a precondition. std::invalid_argument: it touches something else.
Answer patch_node(World& world, const std::string& name, const nlohmann::json& patch, Moment now);

}  // namespace drover::sandbox
