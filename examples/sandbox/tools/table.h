#pragma once

#include <string>
#include <vector>

namespace drover::sandbox {

/// Rows as Go's tabwriter sets them for kubeadm: each column as wide as its widest cell and three
/// blanks, at least ten; the last one as it is.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace drover::sandbox
