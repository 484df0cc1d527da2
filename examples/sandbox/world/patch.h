#pragma once

#include "examples/sandbox/world/answer.h"
#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// PATCH nodes/NAME with a JSON merge patch (RFC 7396) of labels, annotations and spec. A
/// resourceVersion in it is a precondition. std::invalid_argument: it touches something else.
Answer merge_into_node(World& world, const std::string& name, const nlohmann::json& patch,
                       Moment now);

/// The same with the operations of a JSON patch (RFC 6902); 422: one of them fits nothing.
Answer patch_node(World& world, const std::string& name, const nlohmann::json& operations,
                  Moment now);

}  // namespace drover::sandbox
