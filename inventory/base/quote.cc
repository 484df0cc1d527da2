#include "inventory/base/quote.h"

#include <algorithm>

namespace drover {
namespace {

// `=` and `~` are not here: `A=b` and `~ops` mean something to the shell when they stand bare.
bool bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:,@%+").find(c) != std::string_view::npos;
}

}  // namespace

std::string quote(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), bare)) return std::string(text);
  std::string word = "'";
  for (char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else if (c != '\0') {  // no word of a shell can hold it
      word += c;
    }
  }
  return word + "'";
}

}  // namespace drover
