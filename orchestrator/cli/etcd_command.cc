#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/etcd/etcd_survey.h"
#include "orchestrator/signals.h"
#include "orchestrator/ui/etcd_text.h"
#include "plans/etcd/judge.h"

namespace drover::orchestrator {
namespace {

Result<int> etcd_status(const Console& console, const Inventory& inventory) {
  std::stop_source stop;
  const SignalWatch watch([&] { stop.request_stop(); });  // before the fleet, which may ask
  Fleet fleet(inventory, stop.get_token());
  DROVER_TRY_ASSIGN(const auto seen, survey_etcd(inventory, fleet, stop.get_token()));
  const plans::EtcdReport report = plans::judge_etcd(seen);
  console.print(console.json ? etcd_status_json(inventory.cluster, report)
                             : etcd_status_text(inventory.cluster, report, console.out_style));
  return etcd_exit_code(report);
}

}  // namespace

int etcd_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  if (invocation.action == "verify") return etcd_verify_command(invocation, console);
  if (invocation.action == "list") return etcd_list_command(invocation, console);
  if (invocation.action == "backup") return etcd_backup_command(invocation, console);
  if (invocation.action == "defrag") return etcd_defrag_command(invocation, console);
  if (invocation.action == "restore") return etcd_restore_command(invocation, console);
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    return etcd_status(console, inventory);
  });
}

}  // namespace drover::orchestrator
