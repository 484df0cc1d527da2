#pragma once

#include <cstdint>
#include <string>

namespace drover::remote {

/// Of either stream a host keeps at least the last part of this size, and at most about twice as
/// much.
constexpr std::uint64_t kCapsuleKeeps = std::uint64_t{32} << 20;

/// The shell text that keeps capsules on a host: what capsule_frame() promises.
std::string capsule_script();

}  // namespace drover::remote
