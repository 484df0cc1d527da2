#pragma once

#include <string>

namespace drover::test {

/// The root of the source tree, absolute. A function and not a definition for all: a compiler cache
/// then serves every clone.
std::string source_dir();

}  // namespace drover::test
