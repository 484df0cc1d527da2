#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/yaml_document.h"

namespace drover {

/// The text of a YAML file beside its parsed tree: for places as an editor shows them, and for what
/// the parser does not tell. Refers to `text`. One thread at a time.
class YamlText {
 public:
  explicit YamlText(std::string_view text);

  /// The place of a byte, by its line and by its column there, both from 0. Amortised over calls in
  /// the order of the file, even if that is one long line.
  YamlPlace place(int line, int byte) const;
  YamlPlace end() const;
  std::string_view line(int number) const;    ///< from 1
  std::string_view from(int position) const;  ///< the text from a byte on

 private:
  std::string_view text_;
  std::vector<std::string_view> lines_;
  mutable size_t last_line_ = 0;
  mutable size_t last_byte_ = 0;
  mutable int last_column_ = 1;
};

/// The first byte that no YAML text may hold: the parser would stumble over it without saying so,
/// or take it for the end of the file.
std::optional<Diagnostic> foreign_byte(std::string_view text, const std::string& file);

bool starts_quoted(std::string_view text);

/// Length of the quoted scalar at the front of `text`; 0 if its quote is never closed.
size_t quoted_length(std::string_view text);

}  // namespace drover
