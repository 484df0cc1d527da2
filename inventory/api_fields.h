#pragma once

#include <string>

#include "inventory/inventory.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads `api` over what stands in `api` already. `home` is what `~` stands for; other relative
/// paths start from `folder`.
void read_api(const YamlField& field, const std::string& home, const std::string& folder,
              ApiSettings& api);

}  // namespace drover
