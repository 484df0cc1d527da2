#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace drover::remote {

/// Why the last system call of this thread failed; safe beside other threads.
inline std::string errno_text() { return std::generic_category().message(errno); }

}  // namespace drover::remote
