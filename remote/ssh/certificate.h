#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover::remote {

/// What an OpenSSH certificate says (PROTOCOL.certkeys), as far as it decides where it may be used.
struct Certificate {
  std::string type;         ///< "ssh-ed25519-cert-v01@openssh.com"
  std::string public_blob;  ///< the plain public key that it certifies, in wire form
  std::uint64_t serial = 0;
  bool for_users = true;
  std::string key_id;
  std::vector<std::string> principals;  ///< none: any
  std::uint64_t valid_after = 0;        ///< seconds since 1970
  std::uint64_t valid_before = ~std::uint64_t{0};
};

/// Reads the wire form. Pure. Errors: File, without the place.
Result<Certificate> parse_certificate(std::string_view blob);

/// Reads a file as ssh-keygen makes it. Errors: File.
Result<Certificate> read_certificate(const std::string& path);

/// Why a server may refuse it to `user` at `now` (seconds since 1970), for a message; empty if
/// nothing speaks against it. A server may know principals by other names.
std::string doubts(const Certificate& certificate, std::string_view user, std::uint64_t now);

}  // namespace drover::remote
