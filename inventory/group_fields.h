#pragma once

#include "inventory/inventory.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads `groups`, after the hosts that they name.
void read_groups(const YamlField& field, Inventory& inventory);

}  // namespace drover
