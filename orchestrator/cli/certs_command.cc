#include "inventory/base/duration.h"
#include "orchestrator/certs_survey.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/fleet.h"
#include "orchestrator/signals.h"
#include "orchestrator/ui/certs_text.h"

namespace drover::orchestrator {
namespace {

using plans::HostCertificates;
using std::chrono::seconds;

constexpr seconds kWithin = std::chrono::hours(30 * 24);

Result<seconds> within_of(const Invocation& invocation) {
  if (!invocation.has("within")) return kWithin;
  auto read = parse_duration(invocation.value("within"));
  if (read) return read;
  Error error = read.error();
  error.kind = ErrorKind::Usage;
  error.message = "--within: " + error.message;
  return error;
}

int code_of(const std::vector<HostCertificates>& all) {
  int code = kExitDone;
  for (const HostCertificates& host : all) {
    // What is known to be wrong counts for more than what is not known.
    if (host.no_login.empty() && !host.well()) return kExitRefused;
    if (!host.no_login.empty()) code = kExitUnreachable;
  }
  return code;
}

}  // namespace

int certs_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const Result<seconds> within = within_of(invocation);
  if (!within) {
    console.complain(within.error());
    return exit_code(within.error().kind);
  }
  if (invocation.action == "renew") return certs_renew_command(invocation, console);
  return with_inventory(invocation, console, [&](const Inventory& inventory) -> Result<int> {
    std::stop_source stop;
    const SignalWatch watch([&] { stop.request_stop(); });  // before the fleet, which may ask
    Fleet fleet(inventory, stop.get_token());
    DROVER_TRY_ASSIGN(const auto all,
                      survey_certificates(inventory, fleet, *within, stop.get_token()));
    console.print(console.json ? certificates_json(inventory.cluster, all)
                               : certificates_text(all, console.out_style.color));
    return code_of(all);
  });
}

}  // namespace drover::orchestrator
