#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "inventory/base/duration.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "orchestrator/apply_objects.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/files.h"
#include "orchestrator/metrics_server.h"
#include "orchestrator/ui/addon_text.h"
#include "plans/addons/apply.h"

namespace drover::orchestrator {
namespace {

constexpr std::chrono::seconds kTimeout{300};
constexpr const char* kMetricsServer = "metrics-server";

Error addon_usage(std::string message, std::string remedy = "`drover help addon`") {
  return {.kind = ErrorKind::Usage, .message = std::move(message), .remedy = std::move(remedy)};
}

struct Options {
  std::string verb;  ///< apply, install, status, remove
  std::string ns = "default";
  bool force = false;
  std::chrono::seconds timeout = kTimeout;
};

/// What only goes with one verb of the add-on, since all of them are one action.
Status check_verb(const Invocation& invocation, const std::string& verb) {
  if (verb != "install" && verb != "status" && verb != "remove")
    return addon_usage(fmt::format("drover addon metrics-server has no {}", quote(sanitise(verb))),
                       "install, status or remove");
  for (const char* option :
       {"kubelet-insecure-tls", "image", "registry", "timeout", "force-conflicts"}) {
    if (verb != "install" && invocation.has(option))
      return addon_usage(
          fmt::format("drover addon metrics-server {} has no option --{}", verb, option));
  }
  if (verb != "remove" && invocation.has("yes"))
    return addon_usage(fmt::format("drover addon metrics-server {} does not ask", verb));
  if (verb == "status" && invocation.has("manifest"))
    return addon_usage("drover addon metrics-server status has no option --manifest");
  for (const char* option : {"kubelet-insecure-tls", "image", "registry"}) {
    if (invocation.has("manifest") && invocation.has(option))
      return addon_usage(fmt::format("--manifest and --{} exclude each other", option),
                         "the file says it");
  }
  if (invocation.has("image") && invocation.has("registry"))
    return addon_usage("--image and --registry exclude each other");
  if (verb == "remove" && !invocation.yes && !has_terminal())
    return addon_usage(
        "there is no terminal to ask on, and no --yes",
        "look at `drover addon metrics-server status` first, then remove it with --yes");
  return {};
}

Result<Options> options_of(const Invocation& invocation) {
  Options options;
  options.force = invocation.has("force-conflicts");
  if (invocation.has("namespace")) options.ns = invocation.value("namespace");
  if (options.ns.empty()) return addon_usage("the namespace of -n is empty");
  options.verb = invocation.action == "apply" ? "apply" : invocation.arguments.front();
  if (options.verb == "apply" && invocation.action == "apply") return options;
  DROVER_TRY(check_verb(invocation, options.verb));
  if (!invocation.has("timeout")) return options;
  const auto timeout = parse_duration(invocation.value("timeout"));
  if (!timeout) return addon_usage("--timeout: " + timeout.error().message, timeout.error().remedy);
  options.timeout = *timeout;
  return options;
}

class Addon {
 public:
  Addon(const Invocation& invocation, const Options& options, const Console& console,
        const Inventory& inventory, std::vector<Manifest> manifests)
      : invocation_(invocation),
        options_(options),
        console_(console),
        cluster_(inventory.cluster),
        manifests_(std::move(manifests)),
        session_(inventory) {}

  Result<int> run() {
    DROVER_TRY(session_.open());
    if (options_.verb == "status") return status();
    if (manifests_.empty()) DROVER_TRY(own_objects());
    return options_.verb == "remove" ? remove() : apply();
  }

 private:
  Status own_objects() {
    plans::MetricsServerOptions own;
    own.kubelet_insecure_tls = invocation_.has("kubelet-insecure-tls");
    own.image = invocation_.value("image");
    // What is removed is named, not read.
    if (own.image.empty() && options_.verb == "install") {
      DROVER_TRY_ASSIGN(const KubeVersion version,
                        read_cluster_version(session_.api(), session_.stop()));
      DROVER_TRY_ASSIGN(own.image,
                        plans::metrics_server_image(version, invocation_.value("registry")));
    }
    manifests_ = plans::metrics_server_objects(own);
    return {};
  }

  ObjectWriter writer() {
    return ObjectWriter(
        session_.api(), session_.api(), session_.clock(), options_.ns,
        [this](const Changed& changed) {
          changed_.push_back(changed);
          if (!console_.json) console_.print(changed_text(changed));
        },
        warn);
  }

  void tell_changes(bool complete, const plans::MetricsServerState* state = nullptr) {
    if (console_.json) console_.print(changed_json(cluster_, changed_, complete, state));
  }

  /// What ends it once something has been changed is no refusal any more.
  Result<int> ended(const Error& error) {
    const bool changed = std::any_of(changed_.begin(), changed_.end(), [](const Changed& each) {
      return each.change == Change::Created || each.change == Change::Configured ||
             each.change == Change::Deleted;
    });
    if (!changed || error.kind == ErrorKind::Cancelled) return error;
    console_.complain(error);
    return kExitStopped;
  }

  Result<int> apply() {
    const Status applied =
        writer().apply(plans::in_order(std::move(manifests_)), options_.force, session_.stop());
    if (applied && options_.verb == "install") return await();
    tell_changes(applied.has_value());
    return applied ? Result<int>(kExitDone) : ended(applied.error());
  }

  Result<int> await() {
    const Result<plans::MetricsServerState> seen = await_metrics_server(
        session_.api(), session_.clock(), options_.timeout, warn, session_.stop());
    tell_changes(true, seen ? &*seen : nullptr);
    if (!seen) return ended(seen.error());
    const plans::MetricsServerState& state = *seen;
    if (!console_.json) console_.print(metrics_server_text(state));
    if (state.missing().empty()) return kExitDone;
    if (state.forbidden)
      warn("whether it is well cannot be seen without that right");
    else
      warn(
          fmt::format("it was not well within {}; look at it: drover events --for "
                      "deploy/metrics-server -n kube-system; where kubelets have self-signed "
                      "certificates it wants --kubelet-insecure-tls",
                      format_duration(options_.timeout)));
    return kExitStopped;
  }

  Result<int> status() {
    DROVER_TRY_ASSIGN(const plans::MetricsServerState state,
                      look_at_metrics_server(session_.api(), session_.stop()));
    console_.print(console_.json ? metrics_server_json(cluster_, state)
                                 : metrics_server_text(state));
    return state.missing().empty() ? kExitDone : kExitRefused;
  }

  Result<int> remove() {
    if (!invocation_.yes) {
      DROVER_TRY_ASSIGN(const plans::MetricsServerState state,
                        look_at_metrics_server(session_.api(), session_.stop()));
      if (!console_.json) console_.print(metrics_server_text(state));
      if (!confirm("Remove it? `top` and autoscalers go without figures then.", session_.stop()))
        return session_.stopped() ? kExitInterrupted : kExitRefused;
    }
    // What others rely on goes last.
    manifests_ = plans::in_order(std::move(manifests_));
    std::reverse(manifests_.begin(), manifests_.end());
    const Status removed = writer().remove(manifests_, kMetricsServer, session_.stop());
    tell_changes(removed.has_value());
    if (!removed) return ended(removed.error());
    if (std::any_of(changed_.begin(), changed_.end(),
                    [](const Changed& each) { return each.change != Change::LeftAlone; }))
      return kExitDone;
    return Error{.kind = ErrorKind::Refused,
                 .message = fmt::format("nothing is removed: no object of the file has the label "
                                        "k8s-app={}",
                                        kMetricsServer),
                 .remedy =
                     "is it the file that the add-on was made from? What was made in another "
                     "way is removed in that way"};
  }

  const Invocation& invocation_;
  const Options& options_;
  const Console& console_;
  const std::string cluster_;
  std::vector<Manifest> manifests_;
  std::vector<Changed> changed_;
  ClusterSession session_;
};

/// The file of the command line; nothing when none is named.
std::variant<std::vector<Manifest>, Diagnostics> manifests_of(const Invocation& invocation) {
  const std::string file =
      invocation.action == "apply" ? invocation.arguments.front() : invocation.value("manifest");
  if (file.empty() && invocation.action != "apply") return std::vector<Manifest>();
  return load_manifests(file);
}

}  // namespace

int addon_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const Result<Options> options = options_of(invocation);
  if (!options) {
    console.complain(options.error());
    return exit_code(options.error().kind);
  }
  auto manifests = manifests_of(invocation);
  if (const auto* wrong = std::get_if<Diagnostics>(&manifests)) {
    console.complain(*wrong);
    return kExitFile;
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    return Addon(invocation, *options, console, inventory,
                 std::move(std::get<std::vector<Manifest>>(manifests)))
        .run();
  });
}

}  // namespace drover::orchestrator
