#include "plans/etcd/authority.h"

#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/packages/script.h"

namespace drover::plans {

const std::string_view kAuthorityShell = R"sh(authority=/etc/kubernetes/pki/ca.crt
if [ -r "$authority" ]; then
  sum=$(sha256sum <"$authority")
  printf 'ca %s\n' "${sum%% *}"
fi
)sh";

Command look_at_authority() {
  return {.script = script_head() + std::string(kAuthorityShell),
          .timeout = std::chrono::seconds(30)};
}

std::string read_authority(const CommandResult& result) {
  for (const std::string& line : split_lines(result.out)) {
    if (line.starts_with("ca ")) return line.substr(3);
  }
  return "";
}

std::string authority_key(const std::string& host) { return "host/" + host + "/ca"; }

std::string other_authority(const Plan& plan, const std::string& host, const std::string& found) {
  const auto planned = plan.fingerprint.find(authority_key(host));
  if (planned == plan.fingerprint.end() || planned->second.empty() || found.empty()) return "";
  if (planned->second == found) return "";
  return fmt::format("the SHA-256 of its certificate authority is {}, the run's {}",
                     sanitise(found, 80), planned->second);
}

}  // namespace drover::plans
