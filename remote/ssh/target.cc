#include "remote/ssh/target.h"

#include <fmt/format.h>

#include <utility>

namespace drover::remote {

std::string endpoint(const SshTarget& target) {
  if (target.address.find(':') == std::string::npos) {
    return fmt::format("{}:{}", target.address, target.port);
  }
  return fmt::format("[{}]:{}", target.address, target.port);
}

Error target_error(const SshTarget& target, ErrorKind kind, const std::string& what,
                   std::string remedy) {
  Error error;
  error.kind = kind;
  error.message = fmt::format("{} ({}): {}", target.host, endpoint(target), what);
  error.remedy = std::move(remedy);
  error.host = target.host;
  return error;
}

}  // namespace drover::remote
