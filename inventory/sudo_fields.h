#pragma once

#include <string>

#include "inventory/inventory.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads `sudo:` of an inventory that stands in `folder`; `~` stands for `home`.
void read_sudo(const YamlField& field, const std::string& home, const std::string& folder,
               SudoSettings& sudo);

}  // namespace drover
