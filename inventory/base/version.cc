#include "inventory/base/version.h"

#include <fmt/format.h>

#include <charconv>

namespace drover {
namespace {

// Takes a decimal number without sign and leading zeros off the front of `text`.
bool take_number(std::string_view& text, int& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<size_t>(end - text.data());
  if (error != std::errc() || text[0] == '-' || digits > 4 || (digits > 1 && text[0] == '0')) {
    return false;
  }
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_version(std::string_view& text, KubeVersion& version) {
  return take_number(text, version.major) && take_char(text, '.') &&
         take_number(text, version.minor) && take_char(text, '.') &&
         take_number(text, version.patch);
}

Error not_a_version(std::string_view what, std::string_view text, std::string_view expected) {
  Error error;
  error.kind = ErrorKind::File;
  error.message = fmt::format("\"{}\" is not a {}", text.substr(0, 80), what);
  error.remedy = fmt::format("expected {}", expected);
  return error;
}

}  // namespace

std::string KubeVersion::str() const { return fmt::format("{}.{}.{}", major, minor, patch); }
std::string KubeVersion::tag() const { return "v" + str(); }
std::string KubeVersion::minor_str() const { return fmt::format("{}.{}", major, minor); }

Result<KubeVersion> parse_kube_version(std::string_view text) {
  std::string_view rest = text;
  take_char(rest, 'v');
  KubeVersion version;
  if (!take_version(rest, version) || !rest.empty()) {
    return not_a_version("Kubernetes version", text, "MAJOR.MINOR.PATCH, for example 1.34.4");
  }
  return version;
}

Result<KubeVersion> version_of_revision(std::string_view revision) {
  std::string_view rest = revision;
  int epoch = 0;
  std::string_view after_epoch = rest;
  if (take_number(after_epoch, epoch) && take_char(after_epoch, ':')) rest = after_epoch;
  KubeVersion version;
  if (!take_version(rest, version) || !(rest.empty() || (rest[0] == '-' && rest.size() > 1))) {
    return not_a_version("package revision of a Kubernetes release", revision,
                         "MAJOR.MINOR.PATCH-REVISION, for example 1.34.4-1.1");
  }
  return version;
}

}  // namespace drover
