#pragma once

#include <string>

namespace drover::plans {

/// Shell text that defines the function `cri`: crictl on the socket that this machine's kubelet
/// uses. It needs nothing but that machine's own files, so that it works while the API is down.
std::string cri_shell();

}  // namespace drover::plans
