#pragma once

#include <string>
#include <string_view>

#include "inventory/base/result.h"

namespace drover {

/// SHA-256 in lower-case hexadecimal.
std::string sha256_hex(std::string_view data);

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
