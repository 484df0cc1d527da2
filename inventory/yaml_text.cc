#include "inventory/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"

namespace drover {

YamlText::YamlText(std::string_view text) : text_(text) {
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines_.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

YamlPlace YamlText::place(int line, int byte) const {
  if (line < 0 || byte < 0 || static_cast<size_t>(line) >= lines_.size()) return end();
  const auto at_line = static_cast<size_t>(line);
  const size_t at_byte = std::min(static_cast<size_t>(byte), lines_[at_line].size());
  if (at_line != last_line_ || at_byte < last_byte_) {
    last_line_ = at_line;
    last_byte_ = 0;
    last_column_ = 1;
  }
  for (; last_byte_ < at_byte; ++last_byte_) {
    const bool continues = (lines_[at_line][last_byte_] & 0xC0) == 0x80;
    last_column_ += continues ? 0 : 1;
  }
  return {line + 1, last_column_};
}

YamlPlace YamlText::end() const {
  return place(static_cast<int>(lines_.size()) - 1, static_cast<int>(lines_.back().size()));
}

std::string_view YamlText::line(int number) const {
  return lines_[static_cast<size_t>(number) - 1];
}

std::string_view YamlText::from(int position) const {
  return text_.substr(std::min(static_cast<size_t>(std::max(position, 0)), text_.size()));
}

std::optional<Diagnostic> foreign_byte(std::string_view text, const std::string& file) {
  YamlPlace place;
  while (!text.empty()) {
    const size_t size = utf8_length(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (size == 0) {
      return Diagnostic{file, place.line, place.column,
                        fmt::format("byte 0x{:02x} is not UTF-8", byte), "save the file as UTF-8"};
    }
    if ((byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') || byte == 0x7F) {
      return Diagnostic{file, place.line, place.column,
                        fmt::format("control character 0x{:02x}", byte), "remove it"};
    }
    place = byte == '\n' ? YamlPlace{place.line + 1, 1} : YamlPlace{place.line, place.column + 1};
    text.remove_prefix(size);
  }
  return std::nullopt;
}

bool starts_quoted(std::string_view text) {
  return !text.empty() && (text[0] == '"' || text[0] == '\'');
}

size_t quoted_length(std::string_view text) {
  const char quote = text[0];
  for (size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return 0;
}

}  // namespace drover
