#pragma once

#include <string>
#include <string_view>

#include "inventory/base/result.h"

namespace drover::remote {

/// `server:` of a kubeconfig, taken apart.
struct ServerUrl {
  std::string host;  ///< an IPv6 address stands in brackets
  int port = 443;
  std::string base_path;  ///< without a slash at its end; usually empty
};

/// Reads https://HOST[:PORT][/PATH]. Anything that would not be the same in a request's URL is a
/// File error (S19).
Result<ServerUrl> parse_server_url(std::string_view text);

/// True for what may stand as a host name in a URL.
bool host_name(std::string_view text);

}  // namespace drover::remote
