#include "remote/ssh/certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/errno_text.h"

namespace drover::remote {
namespace {

constexpr std::string_view kSuffix = "-cert-v01@openssh.com";
constexpr std::uint32_t kUser = 1;

/// Takes the parts of a message off its front; once one is missing, all that follow are.
class Wire {
 public:
  explicit Wire(std::string_view rest) : rest_(rest) {}

  std::uint64_t number(size_t bytes) {
    std::uint64_t value = 0;
    for (const char c : take(bytes)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view string() { return take(number(4)); }
  bool good() const { return good_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view take(std::uint64_t bytes) {
    good_ = good_ && bytes <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  std::string_view rest_;
  bool good_ = true;
};

Error damaged(const std::string& why) { return {.kind = ErrorKind::File, .message = why}; }

std::string wire_string(std::string_view text) {
  std::string wire;
  for (const int shift : {24, 16, 8, 0}) wire += static_cast<char>(text.size() >> shift & 255);
  return wire.append(text);
}

/// How many fields the public key has.
std::optional<int> fields_of(std::string_view plain_type) {
  if (plain_type == "ssh-ed25519") return 1;
  if (plain_type == "ssh-rsa" || plain_type.starts_with("ecdsa-sha2-nistp")) return 2;
  return std::nullopt;
}

std::string date(std::uint64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  char text[32] = "";
  if (gmtime_r(&time, &parts) != nullptr) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

Result<Certificate> parse_certificate(std::string_view blob) {
  Wire wire(blob);
  Certificate certificate;
  certificate.type = wire.string();
  if (!wire.good() || !certificate.type.ends_with(kSuffix)) return damaged("not a certificate");
  const std::string plain = certificate.type.substr(0, certificate.type.size() - kSuffix.size());
  const auto fields = fields_of(plain);
  if (!fields) return damaged("a certificate of a type that is not supported: " + sanitise(plain));
  wire.string();  // nonce
  certificate.public_blob = wire_string(plain);
  for (int i = 0; i < *fields; ++i) certificate.public_blob += wire_string(wire.string());
  certificate.serial = wire.number(8);
  certificate.for_users = wire.number(4) == kUser;
  certificate.key_id = wire.string();
  Wire principals(wire.string());
  while (principals.good() && !principals.empty()) {
    certificate.principals.emplace_back(principals.string());
  }
  certificate.valid_after = wire.number(8);
  certificate.valid_before = wire.number(8);
  for (int i = 0; i < 5; ++i) wire.string();  // options, extensions, reserved, authority, signature
  if (!wire.good() || !principals.good() || !wire.empty()) return damaged("a damaged certificate");
  return certificate;
}

Result<Certificate> read_certificate(const std::string& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return damaged(errno_text());
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const std::vector<std::string> words = split_words(text.substr(0, text.find('\n')));
  const auto blob = base64_decode(words.size() > 1 ? words[1] : "");
  if (!blob) return damaged("not a certificate");
  return parse_certificate(*blob);
}

std::string doubts(const Certificate& certificate, std::string_view user, std::uint64_t now) {
  std::vector<std::string> reasons;
  if (!certificate.for_users) reasons.emplace_back("it is one for hosts, not for users");
  if (now < certificate.valid_after) {
    reasons.push_back("it is not valid before " + date(certificate.valid_after));
  }
  if (now >= certificate.valid_before) {
    reasons.push_back("it expired at " + date(certificate.valid_before));
  }
  const auto& names = certificate.principals;
  if (!names.empty() && std::find(names.begin(), names.end(), user) == names.end()) {
    reasons.push_back(fmt::format("it is for {}, not for {}", sanitise(join(names, ", ")), user));
  }
  return join(reasons, ", ");
}

}  // namespace drover::remote
