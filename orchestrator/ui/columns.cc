#include "orchestrator/ui/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

struct Range {
  char32_t first, last;
};

// East Asian wide and fullwidth characters, and pictographs (Unicode TR 11, in large pieces).
constexpr std::array<Range, 8> kWide = {{{0x1100, 0x115F},
                                         {0x2E80, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F000, 0x3FFFD}}};

char32_t code_point(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead;
  char32_t point = lead & (0x7Fu >> character.size());
  for (const char c : character.substr(1)) {
    point = point << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
  }
  return point;
}

std::size_t width_of(char32_t point) {
  const bool wide = std::any_of(kWide.begin(), kWide.end(), [&](const Range& range) {
    return point >= range.first && point <= range.last;
  });
  return wide ? 2 : 1;
}

// Takes one character off the front and gives its columns.
std::size_t take(std::string_view& text) {
  const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
  const std::size_t width = width_of(code_point(text.substr(0, length)));
  text.remove_prefix(length);
  return width;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += take(text);
  return columns;
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t columns = columns_of(text);
  return std::string(text) + std::string(columns < width ? width - columns : 0, ' ');
}

std::string cut(std::string_view text, std::size_t width) {
  if (columns_of(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::string_view rest = text;
  std::size_t columns = 0;
  std::size_t bytes = 0;
  while (!rest.empty()) {
    columns += take(rest);
    if (columns > width - 1) break;
    bytes = text.size() - rest.size();
  }
  return std::string(text.substr(0, bytes)) + "…";
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::size_t columns = 0;
  for (const std::string& word : split_words(text)) {
    const std::size_t more = columns_of(word);
    if (lines.empty() || columns + 1 + more > width) {
      lines.push_back(word);
      columns = more;
    } else {
      lines.back() += ' ' + word;
      columns += 1 + more;
    }
  }
  return lines;
}

std::string paint(std::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::Plain || text.empty()) return std::string(text);
  const auto code = [colour] {
    switch (colour) {
      case Colour::Dim:
        return "2";
      case Colour::Bold:
        return "1";
      case Colour::Red:
        return "1;31";
      case Colour::Green:
        return "32";
      case Colour::Yellow:
        return "33";
      case Colour::Plain:
        break;
    }
    return "0";
  };
  return fmt::format("\x1b[{}m{}\x1b[0m", code(), text);
}

std::string hang_dim(std::string_view head, std::string_view text, std::size_t dim_from,
                     std::size_t indent, std::size_t width) {
  constexpr std::size_t kNarrowest = 30;
  const std::size_t room = width > indent + kNarrowest ? width - indent : kNarrowest;
  std::string out = text.empty() ? std::string(head) : pad(head, indent);
  std::size_t at = 0;  // byte of `text` at which the line begins
  for (const std::string& line : wrap(text, room)) {
    if (at > 0) out.append("\n").append(indent, ' ');
    const std::size_t plain = std::clamp(dim_from, at, at + line.size()) - at;
    out += line.substr(0, plain) + paint(line.substr(plain), Colour::Dim, true);
    at += line.size() + 1;
  }
  return out + '\n';
}

std::string hang(std::string_view head, std::string_view text, std::size_t indent,
                 std::size_t width) {
  return hang_dim(head, text, std::string_view::npos, indent, width);
}

}  // namespace drover::orchestrator
