#include "examples/sandbox/api/query.h"

#include <sstream>
#include <stdexcept>

namespace drover::sandbox {

std::string percent_decode(const std::string& text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string digits = text.substr(i + 1, 2);
    if (digits.size() != 2 || digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos)
      throw std::invalid_argument("\"" + text + "\" is not percent-encoded");
    decoded += static_cast<char>(std::stoi(digits, nullptr, 16));
    i += 2;
  }
  return decoded;
}

Query::Query(const std::string& text) {
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, '&');) {
    const size_t equals = std::min(part.find('='), part.size());
    const std::string key = percent_decode(part.substr(0, equals));
    const std::string value = percent_decode(equals == part.size() ? "" : part.substr(equals + 1));
    if (!values_.emplace(key, value).second)
      throw std::invalid_argument("the query says " + key + " twice");
  }
}

std::optional<std::string> Query::get(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

}  // namespace drover::sandbox
