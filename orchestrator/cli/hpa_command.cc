#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "orchestrator/autoscaler_watch.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/list_options.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/hpa_survey.h"
#include "orchestrator/http_status.h"
#include "orchestrator/ui/hpa_text.h"
#include "plans/hpa/request.h"

namespace drover::orchestrator {
namespace {

using plans::AutoscalerQuery;

Error hpa_usage(std::string message, std::string remedy = "`drover help hpa`") {
  return {.kind = ErrorKind::Usage, .message = std::move(message), .remedy = std::move(remedy)};
}

Status check(const Invocation& invocation) {
  DROVER_TRY(read_list_choice(invocation));
  if (!invocation.arguments.empty() && invocation.arguments.front().empty())
    return hpa_usage("the name is empty");
  if (invocation.action == "delete" && !invocation.yes && !has_terminal())
    return hpa_usage("there is no terminal to ask on, and no --yes",
                     "look at `drover hpa list` first, then `drover hpa delete NAME --yes`");
  return {};
}

AutoscalerQuery autoscaler_query(const Invocation& invocation) {
  return {.ns = invocation.value("namespace"),
          .name = invocation.arguments.empty() ? "" : invocation.arguments.front(),
          .selector = invocation.value("selector"),
          .fields = invocation.value("field-selector")};
}

class Hpa {
 public:
  Hpa(const Invocation& invocation, const Console& console, const Inventory& inventory)
      : invocation_(invocation),
        console_(console),
        style_(list_style(invocation, inventory.cluster, console.out_style.color)),
        session_(inventory) {}

  Result<int> run() {
    DROVER_TRY(session_.open());
    if (invocation_.action == "watch" || invocation_.has("watch")) return watch();
    if (invocation_.action == "list") return list();
    if (invocation_.action == "explain") return explain();
    return take_away();
  }

 private:
  std::string ns() const {
    return invocation_.has("namespace") ? invocation_.value("namespace") : "default";
  }

  plans::Timestamp now() {
    return std::chrono::time_point_cast<plans::Timestamp::duration>(session_.clock().wall());
  }

  Result<int> list() {
    const ApiRequest request = plans::list_autoscalers(autoscaler_query(invocation_));
    DROVER_TRY_ASSIGN(const ApiResponse answer, session_.api().get(request, session_.stop()));
    if (!answer.ok()) return refusal(request, answer);
    DROVER_TRY_ASSIGN(AutoscalerList list, parse_autoscaler_list(answer.body));
    std::sort(list.items.begin(), list.items.end(), [](const Autoscaler& a, const Autoscaler& b) {
      return std::tie(a.ns, a.name) < std::tie(b.ns, b.name);
    });
    console_.print(list_text(autoscaler_list(now()), list.items, style_));
    return kExitDone;
  }

  Result<int> watch() {
    AutoscalerWatch view(autoscaler_query(invocation_), [this](const Autoscaler& hpa, bool gone) {
      console_.print(autoscaler_text(hpa, gone ? "deleted" : "seen", now(), style_));
    });
    ListWatch follow(session_.api(), session_.api(), session_.clock(), view, warn);
    Error end = follow.run(session_.stop());
    // It has no other end than that.
    if (end.kind == ErrorKind::Cancelled) return kExitInterrupted;
    return end;
  }

  Result<int> explain() {
    DROVER_TRY_ASSIGN(const ScaleExplanation explanation,
                      explain_autoscaler(session_.api(), session_.clock(), ns(),
                                         invocation_.arguments.front(), session_.stop()));
    console_.print(console_.json ? explanation_json(style_.cluster, explanation)
                                 : explanation_text(explanation, console_.out_style.color));
    return kExitDone;
  }

  Result<int> take_away() {
    DROVER_TRY_ASSIGN(
        const Autoscaler hpa,
        read_one_autoscaler(session_.api(), ns(), invocation_.arguments.front(), session_.stop()));
    if (!invocation_.yes) {
      if (!console_.json)
        console_.print(list_text(autoscaler_list(now()), std::vector<Autoscaler>{hpa}, style_));
      if (!confirm("Delete it?", session_.stop()))
        return session_.stopped() ? kExitInterrupted : kExitRefused;
    }
    DROVER_TRY(erase(hpa));
    console_.print(console_.json ? autoscaler_json(style_.cluster, hpa, "deleted")
                                 : fmt::format("{} is deleted; {} {} stays as large as it is.\n",
                                               sanitise(hpa.full_name()), sanitise(hpa.target.kind),
                                               sanitise(hpa.target.name)));
    return kExitDone;
  }

  Status erase(const Autoscaler& hpa) {
    const ApiRequest request = plans::delete_autoscaler(hpa);
    const Result<ApiResponse> answer = session_.api().send(request, session_.stop());
    if (!answer && answer.error().kind == ErrorKind::Unknown) return has_gone(hpa, answer.error());
    if (!answer) return answer.error();
    if (answer->ok() || answer->status == kNotFound) return {};
    if (answer->status == kConflict)
      return Error{.kind = ErrorKind::Stale,
                   .message = fmt::format("{} was made anew meanwhile", sanitise(hpa.full_name())),
                   .remedy = "look at it again: drover hpa list"};
    return refusal(request, *answer);
  }

  /// Whether a deletion without an answer took place (S4).
  Status has_gone(const Autoscaler& hpa, const Error& unknown) {
    const ApiRequest request = plans::get_autoscaler(hpa.ns, hpa.name);
    DROVER_TRY_ASSIGN(const ApiResponse answer, session_.api().get(request, session_.stop()));
    if (answer.status == kNotFound) return {};
    if (!answer.ok()) return refusal(request, answer);
    DROVER_TRY_ASSIGN(const Autoscaler found, parse_autoscaler(answer.body));
    if (found.uid != hpa.uid) return {};
    Error error = unknown;
    error.remedy = "it is still there; delete it again";
    return error;
  }

  const Invocation& invocation_;
  const Console& console_;
  const ListStyle style_;
  ClusterSession session_;
};

}  // namespace

int hpa_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  if (const Status right = check(invocation); !right) {
    console.complain(right.error());
    return exit_code(right.error().kind);
  }
  if (invocation.action == "create") return hpa_create_command(invocation, console);
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    return Hpa(invocation, console, inventory).run();
  });
}

}  // namespace drover::orchestrator
