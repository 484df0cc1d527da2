#pragma once

#include "inventory/health_policy.h"
#include "inventory/secret_fields.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads the section `health` of a plan file.
void read_health(const YamlField& field, const Folders& folders, HealthPolicy& health);

}  // namespace drover
