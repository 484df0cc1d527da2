#pragma once

#include <string>
#include <string_view>

#include "inventory/secret_source.h"
#include "inventory/yaml_field.h"

namespace drover {

/// What paths in an inventory are relative to.
struct Folders {
  std::string home;  ///< what `~` stands for
  std::string own;   ///< where the inventory is; may be empty
};

/// Reads where a secret is kept, if `field` is written; `map` is its place in the table of keys.
/// Nothing that is wrong is shown: it may be the secret itself.
void read_secret(const YamlField& field, std::string_view map, const Folders& folders,
                 SecretSource& source);

}  // namespace drover
