#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace drover::test {

/// What a body of the API shows of the fields that Drover reads, without what differs from one
/// cluster to another: names with random parts, times, UIDs, versions of objects. Two bodies that
/// look the same to Drover give the same.
///
/// object → field → what stands there. The objects of a list are called by what made them
/// ("default/ReplicaSet/web"), so that those of one Deployment are one; a single object is "".
using Shown = std::map<std::string, std::map<std::string, std::set<std::string>>>;

Shown shown_fields(const nlohmann::json& body);

}  // namespace drover::test
