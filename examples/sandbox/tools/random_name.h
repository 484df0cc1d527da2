#pragma once

#include <string>

namespace drover::sandbox {

/// Random digits without a zero in front, as Go's temporary folders have them.
std::string random_digits(int count);

/// Random letters and digits, as Kubernetes ends generated names.
std::string random_letters(int count);

}  // namespace drover::sandbox
