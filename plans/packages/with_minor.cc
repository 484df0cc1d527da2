#include <fmt/format.h>

#include "plans/packages/package_manager.h"

namespace drover::plans {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::string_view kPart = "/v1.";

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Where the path of a URI in `word` begins: after the first colon that a letter, or letters, digits
// and `+.-` behind one, stand before.
size_t after_scheme(std::string_view word) {
  bool scheme = false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] == ':' && scheme) return i + 1;
    const bool inside = digit(word[i]) || std::string_view("+.-").find(word[i]) != word.npos;
    scheme = letter(word[i]) || (scheme && inside);
  }
  return word.npos;
}

// Position and length of the digits in the last `/v1.NN` that is a whole part of the path.
bool find_minor(std::string_view word, size_t& at, size_t& length) {
  const size_t path = after_scheme(word);
  size_t part = word.rfind(kPart);
  while (path != word.npos && part != word.npos && part >= path) {
    at = part + kPart.size();
    length = 0;
    while (at + length < word.size() && digit(word[at + length])) ++length;
    const size_t end = at + length;
    if (length > 0 && (end == word.size() || word[end] == '/')) return true;
    if (part == 0) return false;
    part = word.rfind(kPart, part - 1);
  }
  return false;
}

}  // namespace

std::string with_minor(std::string_view line, int minor) {
  std::string text;
  while (!line.empty()) {
    const size_t space = std::min(line.find_first_not_of(kSpace), line.size());
    text += line.substr(0, space);
    line.remove_prefix(space);
    std::string_view word = line.substr(0, std::min(line.find_first_of(kSpace), line.size()));
    line.remove_prefix(word.size());
    size_t at = 0;
    size_t length = 0;
    if (find_minor(word, at, length)) {
      text += fmt::format("{}{}", word.substr(0, at), minor);
      word.remove_prefix(at + length);
    }
    text += word;
  }
  return text;
}

}  // namespace drover::plans
