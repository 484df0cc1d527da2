#include <utility>

#include "inventory/cluster/api_refusal.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/list_options.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/console.h"
#include "orchestrator/show_again.h"
#include "orchestrator/ui/usage_text.h"
#include "orchestrator/ui/words.h"
#include "orchestrator/utc.h"
#include "plans/usage/usage.h"

namespace drover::orchestrator {
namespace {

using plans::UsageQuery;

constexpr std::chrono::seconds kMeasured{15};  // so often, by metrics-server's own default

Result<UsageQuery> usage_query(const Invocation& invocation) {
  DROVER_TRY_ASSIGN(const ListChoice choice, read_list_choice(invocation));
  UsageQuery query{.selector = choice.labels, .ns = choice.ns, .fields = choice.fields};
  DROVER_TRY_ASSIGN(query.order, plans::parse_usage_order(invocation.value("sort-by")));
  return query;
}

/// `drover top nodes|pods`.
class Top {
 public:
  Top(const Inventory& inventory, const Console& console, UsageQuery query, ListStyle style)
      : console_(console),
        query_(std::move(query)),
        style_(std::move(style)),
        session_(inventory) {}

  /// `of`: one of the two below.
  Result<int> show(Result<std::string> (Top::*of)(), bool watch) {
    DROVER_TRY(session_.open());
    if (!watch) {
      DROVER_TRY_ASSIGN(const std::string text, (this->*of)());
      console_.print(text);
      return kExitDone;
    }
    const Repeated list{.every = kMeasured,
                        .read = [&] { return (this->*of)(); },
                        .show = [&](const std::string& text) { console_.print(front() + text); },
                        .tell = warn};
    Error end = show_again(list, session_.clock(), session_.stop());
    // It has no other end than that.
    if (end.kind == ErrorKind::Cancelled) return kExitInterrupted;
    return end;
  }

  Result<std::string> nodes() {
    // First of all: without it there is nothing to show.
    DROVER_TRY_ASSIGN(const std::string usage, measured(plans::node_usage_request(query_)));
    DROVER_TRY_ASSIGN(const auto used, parse_node_usage(usage));
    DROVER_TRY_ASSIGN(const std::string nodes, get(plans::nodes_request(query_)));
    DROVER_TRY_ASSIGN(const auto rooms, parse_node_rooms(nodes));
    DROVER_TRY_ASSIGN(const std::string pods, get(plans::all_pods_request()));
    DROVER_TRY_ASSIGN(const auto claims, parse_pod_claims(pods));
    if (used.empty() && !rooms.empty()) warn_of_nothing();
    return list_text(node_usage_list(), plans::node_usage_rows(rooms, claims, used, query_.order),
                     style_);
  }

  Result<std::string> pods() {
    DROVER_TRY_ASSIGN(const std::string usage, measured(plans::pod_usage_request(query_)));
    DROVER_TRY_ASSIGN(const auto used, parse_pod_usage(usage));
    DROVER_TRY_ASSIGN(const std::string pods, get(plans::pods_request(query_)));
    DROVER_TRY_ASSIGN(const auto claims, parse_pod_claims(pods));
    const auto rows = plans::pod_usage_rows(claims, used, query_.order);
    if (used.empty() && !rows.empty()) warn_of_nothing();
    return list_text(pod_usage_list(), rows, style_);
  }

 private:
  /// In front of each list of a watch.
  std::string front() {
    if (style_.format == OutputFormat::Json) return "";
    if (style_.format == OutputFormat::Yaml) return "---\n";
    const std::string blank = std::exchange(shown_, true) ? "\n" : "";
    return blank + clock_text(utc_seconds(session_.clock().wall())) + '\n';
  }

  void warn_of_nothing() {
    if (std::exchange(warned_, true)) return;
    warn("metrics-server has measured nothing yet; after its start it needs up to a minute");
  }

  Result<std::string> get(const ApiRequest& request) {
    DROVER_TRY_ASSIGN(ApiResponse answer, session_.api().get(request, session_.stop()));
    if (!answer.ok()) return refusal(request, answer);
    return std::move(answer.body);
  }

  Result<std::string> measured(const ApiRequest& request) {
    DROVER_TRY_ASSIGN(ApiResponse answer, session_.api().get(request, session_.stop()));
    if (!answer.ok()) return plans::usage_refusal(request, answer);
    return std::move(answer.body);
  }

  const Console& console_;
  const UsageQuery query_;
  const ListStyle style_;
  ClusterSession session_;
  bool shown_ = false;
  bool warned_ = false;
};

}  // namespace

int top_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const Result<UsageQuery> query = usage_query(invocation);
  if (!query) {
    console.complain(query.error());
    return exit_code(query.error().kind);
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    Top top(inventory, console, *query,
            list_style(invocation, inventory.cluster, console.out_style.color));
    return top.show(invocation.action == "nodes" ? &Top::nodes : &Top::pods,
                    invocation.has("watch"));
  });
}

}  // namespace drover::orchestrator
