#pragma once

#include "inventory/inventory.h"
#include "inventory/secret_fields.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads `api` over what stands in `api` already.
void read_api(const YamlField& field, const Folders& folders, ApiSettings& api);

}  // namespace drover
