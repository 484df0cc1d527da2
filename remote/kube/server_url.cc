#include "remote/kube/server_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/text.h"

namespace drover::remote {
namespace {

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

template <class Allowed>
bool all_of(std::string_view text, Allowed allowed) {
  return std::all_of(text.begin(), text.end(), allowed);
}

bool bracketed_address(std::string_view text) {
  return text.size() > 4 && text.front() == '[' && text.back() == ']' &&
         all_of(text.substr(1, text.size() - 2), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
                  c == ':' || c == '.';
         });
}

bool path(std::string_view text) {
  return all_of(text, [](char c) {
    return letter_or_digit(c) || std::string_view("/-._~%:").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool host_name(std::string_view text) {
  return !text.empty() && text.size() < 254 && letter_or_digit(text.front()) &&
         all_of(text,
                [](char c) { return letter_or_digit(c) || c == '.' || c == '-' || c == '_'; });
}

Result<ServerUrl> parse_server_url(std::string_view text) {
  const Error wrong{.kind = ErrorKind::File,
                    .message = fmt::format("\"{}\" is not https://HOST:PORT", sanitise(text))};
  constexpr std::string_view kScheme = "https://";
  if (!text.starts_with(kScheme)) return wrong;
  text.remove_prefix(kScheme.size());
  const size_t slash = std::min(text.find('/'), text.size());
  std::string_view base = text.substr(slash);
  while (base.ends_with('/')) base.remove_suffix(1);
  std::string_view host = text.substr(0, slash);
  ServerUrl url;
  const size_t colon = host.rfind(':');
  if (colon != host.npos && !host.ends_with(']')) {
    const std::string_view digits = host.substr(colon + 1);
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    const bool whole = failed == std::errc() && end == digits.data() + digits.size();
    if (!whole || url.port < 1 || url.port > 65535) return wrong;
    host = host.substr(0, colon);
  }
  if ((!host_name(host) && !bracketed_address(host)) || !path(base)) return wrong;
  url.host = host;
  url.base_path = base;
  return url;
}

}  // namespace drover::remote
