#pragma once

#include <map>
#include <string>
#include <vector>

#include "inventory/facts.h"
#include "plans/packages/apt_rows.h"

namespace drover::plans {

/// Of all lines of a node's source files, in the order of the files, those that name the repository
/// its kubeadm and kubelet come from: by the index rows of the installed revisions, else by all
/// rows (the line may already have been switched), else by the path that the community's
/// repositories and their mirrors have. In a deb822 file it is the line in which the URI stands.
std::vector<RepositoryLine> kubernetes_lines(const std::vector<RepositoryLine>& all,
                                             const std::vector<OfferRow>& rows,
                                             const std::map<std::string, std::string>& installed);

}  // namespace drover::plans
