#pragma once

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

std::string base64_encode(std::string_view data);

/// Strict: whitespace is skipped, any other foreign character is an error.
Result<std::string> base64_decode(std::string_view text);

/// CRC-32 (IEEE 802.3), for the lines of the journal.
unsigned crc32(std::string_view data);

/// `bytes` random bytes from the operating system as hexadecimal.
std::string random_hex(int bytes);

}  // namespace drover
