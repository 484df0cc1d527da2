#pragma once

namespace drover::orchestrator {

/// Lets this process open as many files as its hard limit allows: every host takes up to ten
/// descriptors, and the usual soft limit of 1024 is for programs that use select(2). Best effort;
/// call before any thread exists.
void raise_descriptor_limit();

}  // namespace drover::orchestrator
