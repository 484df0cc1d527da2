#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/diagnostic.h"

namespace drover {

struct YamlPlace {
  int line = 1;    ///< from 1
  int column = 1;  ///< from 1, in characters
};

struct YamlEntry;

/// A YAML value as a plain tree: scalars keep their text as written, so that 1.30 stays "1.30".
struct YamlValue {
  enum class Kind { Null, Scalar, List, Map };
  Kind kind = Kind::Null;
  YamlPlace place;
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< scalar in quotes or as a block: a string whatever it looks like
  std::vector<YamlValue> items;
  std::vector<YamlEntry> entries;  ///< in the order of the file, each key once

  const YamlValue* find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  YamlPlace key_place;
  YamlValue value;
};

/// What a reader of YAML lets pass.
struct YamlRules {
  size_t depth = 32;  ///< of lists and maps in each other
  /// Also anchors, aliases and tags: for a text that goes on as it is, to somebody who resolves
  /// them. Here an alias is a Null, so that a small text cannot become a large tree.
  bool foreign = false;
};

/// Reads `text` as one YAML document whose root is a map. What is wrong is added to `diagnostics`
/// under the name `file`. Nothing is returned if the text cannot be judged further: it is no YAML,
/// or uses what these files do not (several documents, keys that are not plain words, and what
/// `rules` do not let pass). A key given twice is reported and the first one stays.
std::optional<YamlValue> read_yaml(std::string_view text, const std::string& file,
                                   Diagnostics& diagnostics, const YamlRules& rules = {});

}  // namespace drover
