#pragma once

#include "inventory/inventory.h"
#include "inventory/secret_fields.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads `sudo:` of an inventory.
void read_sudo(const YamlField& field, const Folders& folders, SudoSettings& sudo);

}  // namespace drover
