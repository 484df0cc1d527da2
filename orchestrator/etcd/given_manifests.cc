#include "orchestrator/etcd/given_manifests.h"

#include <fmt/format.h>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "orchestrator/parallel.h"
#include "orchestrator/state/file_io.h"
#include "plans/etcd/given.h"
#include "plans/etcd/restore_plan.h"

namespace drover::orchestrator {
namespace {

constexpr std::chrono::minutes kSendManifest{5};

Status check_file(const std::string& path, const std::string& sha256) {
  bool missing = false;
  DROVER_TRY_ASSIGN(const std::string text, read_file(path, missing));
  const std::string is = sha256_hex(text);
  if (!missing && is == sha256) return {};
  return Error{.kind = ErrorKind::File,
               .message = missing ? fmt::format("{} is not there, and its copy on the control "
                                                "plane is gone",
                                                sanitise(path))
                                  : fmt::format("{} is another file than that of this run: its "
                                                "SHA-256 is {}, not {}",
                                                sanitise(path), is, sha256),
               .remedy = "put the file back that the run began with"};
}

Status send_to(const plans::Step& step, Fleet& fleet, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const CommandResult said,
                    fleet.node(step.host)->read(plans::look_at_given(step), stop));
  const auto given = plans::given_in(step);
  for (const std::string& name : plans::to_be_sent(step, said)) {
    const std::string path = fmt::format("{}/{}.yaml", step.param("folder"), name);
    DROVER_TRY(check_file(path, given.at(name)));
    const std::string copy = fmt::format("{}{}.yaml", step.param("given_prefix"), name);
    DROVER_TRY(fleet.files(step.host)->upload(path, copy, kSendManifest, stop));
  }
  return {};
}

}  // namespace

std::map<std::string, plans::Manifests> read_given_manifests(const std::string& folder,
                                                             const Inventory& inventory) {
  std::map<std::string, plans::Manifests> all;
  for (const Host& host : inventory.hosts) {
    if (!host.has(Role::ControlPlane)) continue;
    std::map<std::string, std::string> texts, unreadable;
    for (const std::string_view name : plans::kComponents) {
      bool missing = false;
      auto text = read_file(fmt::format("{}/{}/{}.yaml", folder, host.name, name), missing);
      if (!text) {
        unreadable[std::string(name)] = text.error().message;
      } else if (!missing) {
        texts[std::string(name)] = std::move(*text);
      }
    }
    plans::Manifests& manifests = all[host.name] = plans::read_manifests(texts);
    for (auto& [name, why] : unreadable) {
      manifests.sha256[name] = "";
      manifests.wrong[name] = std::move(why);
    }
  }
  return all;
}

Status send_manifests(const std::vector<const plans::Step*>& steps, Fleet& fleet,
                      std::stop_token stop) {
  std::vector<Status> ends(steps.size());
  in_parallel(steps.size(), kSessionsAtOnce,
              [&](size_t i) { ends[i] = send_to(*steps[i], fleet, stop); });
  for (const Status& end : ends) DROVER_TRY(end);
  return {};
}

}  // namespace drover::orchestrator
