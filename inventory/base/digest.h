#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

struct evp_md_ctx_st;

namespace drover {

/// SHA-256 in lower-case hexadecimal.
std::string sha256_hex(std::string_view data);

/// The same of what comes in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view data);
  /// Of all that was added. Once.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// HMAC-SHA1 as raw bytes: the hash of `|1|salt|hash` lines in known_hosts (sshd(8)).
std::string hmac_sha1(std::string_view key, std::string_view data);

/// A key for HMAC-SHA1 that was taken in once: half of the work of each hash is done, and nothing
/// is allocated. For thousands of salts and many names.
class HmacSha1Key {
 public:
  explicit HmacSha1Key(std::string_view key);
  /// The same as hmac_sha1 with this key.
  std::array<unsigned char, 20> of(std::string_view data) const;

 private:
  std::array<std::uint32_t, 5> inner_;
  std::array<std::uint32_t, 5> outer_;
};

std::string base64_encode(std::string_view data);

/// Strict: whitespace is skipped, any other foreign character is an error.
Result<std::string> base64_decode(std::string_view text);

/// CRC-32 (IEEE 802.3), for the lines of the journal.
unsigned crc32(std::string_view data);

/// `bytes` random bytes from the operating system as hexadecimal.
std::string random_hex(int bytes);

}  // namespace drover
