#include "inventory/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace drover {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::string_view kCut = "…";

// Length of the UTF-8 sequence at the front of `text`, 0 if it is not a valid one; its code point.
size_t decode(std::string_view text, char32_t& point) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    point = lead;
    return 1;
  }
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  point = lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3Fu);
  }
  const char32_t least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point < least || point > 0x10FFFF || surrogate ? 0 : size;
}

// Characters that act on a terminal or hide what stands there: controls, line separators,
// directional overrides, the byte order mark.
bool acts(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) ||
         point == 0xFEFF;
}

std::string mark(char32_t point) {
  if (point == '\n') return "\\n";
  if (point == '\t') return " ";
  if (point == '\r') return "\\r";
  return point < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(point))
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(point));
}

// Case and the choice of `-` or `_` are not what makes two words differ.
std::string plain(std::string_view word) {
  std::string text(word);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return text;
}

// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before;
  std::vector<size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<size_t> row(b.size() + 1, i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  size_t begin = text.find_first_not_of(separators);
  while (begin != std::string_view::npos) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(separators, end);
  }
  return parts;
}

}  // namespace

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> split_words(std::string_view text) { return split(text, kSpace); }

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string sanitise(std::string_view text, size_t limit) {
  std::string clean;
  size_t room = 0;  // length of the longest prefix that leaves room for the mark of a cut
  while (!text.empty()) {
    char32_t point = 0;
    const size_t size = decode(text, point);
    std::string piece;
    if (size == 0) {
      piece = mark(static_cast<unsigned char>(text[0]));
    } else {
      piece = acts(point) ? mark(point) : std::string(text.substr(0, size));
    }
    if (clean.size() + piece.size() > limit) {
      clean.resize(room);
      return limit < kCut.size() ? clean : clean.append(kCut);
    }
    clean += piece;
    if (clean.size() + kCut.size() <= limit) room = clean.size();
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return clean;
}

size_t utf8_length(std::string_view text) {
  char32_t point = 0;
  return text.empty() ? 0 : decode(text, point);
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  constexpr size_t kLongest = 64;  // nobody mistypes a longer one, and the search is quadratic
  if (word.size() > kLongest) return std::nullopt;
  const std::string wanted = plain(word);
  std::optional<std::string> best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t d = distance(wanted, plain(candidate));
    if (d >= best_distance || d >= candidate.size()) continue;
    best = candidate;
    best_distance = d;
  }
  return best;
}

}  // namespace drover
