#pragma once

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/keys.h"
#include "inventory/yaml_document.h"

namespace drover {

/// Where the fields of one file note what is wrong with them.
struct YamlReport {
  std::string file;
  const std::vector<KeySet>* keys;  ///< of this kind of file
  Diagnostics diagnostics;

  /// The diagnostics in the order of the file.
  Diagnostics take();
};

/// One field of a file the user wrote. Each reading function gives the value if it is there and
/// right; if it is there and wrong, that is reported and nothing is given. Refers to the tree and
/// to the report; both must outlive it.
class YamlField {
 public:
  YamlField(const YamlValue& root, YamlReport& report);

  const std::string& path() const { return path_; }
  const std::string& key() const { return key_; }
  YamlPlace place() const;  ///< where an error in it is shown
  bool written() const { return value_ != nullptr; }
  bool is_list() const { return written() && value_->kind == YamlValue::Kind::List; }
  bool is_map() const;  ///< or nothing, where a map may stand

  YamlField operator[](std::string_view key) const;

  /// Reports keys that are not those of `map` in the report's table.
  void check_keys(std::string_view map) const;

  std::optional<std::string> text() const;
  std::optional<int> whole(int least, int most = std::numeric_limits<int>::max()) const;
  std::optional<bool> flag() const;
  std::optional<std::chrono::seconds> duration(std::chrono::seconds least) const;
  std::vector<YamlField> items() const;         ///< elements of a list
  std::vector<YamlField> items_or_one() const;  ///< likewise; a scalar counts as a list of one
  std::vector<YamlField> fields() const;        ///< of a map; one without a value counts as empty

  /// Reports that the value, or for a map or an absent value its key, is wrong.
  void refuse(std::string_view problem, std::string remedy) const;
  /// Reports a required key that is not written.
  void require(std::string remedy) const;

 private:
  YamlField(const YamlValue* value, YamlPlace place, std::string key, std::string path,
            YamlReport* report);
  bool is(YamlValue::Kind kind, std::string_view expected) const;
  void refuse_key(const YamlEntry& entry, const KeySet& keys) const;

  const YamlValue* value_;
  YamlPlace place_;
  std::string key_;
  std::string path_;
  YamlReport* report_;
};

/// `"text"`, fit for a message whatever is in it.
std::string shown(std::string_view text);

/// True unless `text` has control characters, line breaks among them.
bool one_line(std::string_view text);

/// Judges `apiVersion` and `kind`. Both may be left out.
void check_header(const YamlField& top, std::string_view kind);

/// Sets `target` if there is a value.
template <class T>
void set(T& target, std::optional<T> value) {
  if (value) target = std::move(*value);
}

}  // namespace drover
