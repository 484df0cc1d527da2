#include <optional>

#include "inventory/cluster/api_refusal.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/console.h"
#include "orchestrator/event_watch.h"
#include "orchestrator/ui/events_text.h"
#include "plans/event_query.h"
#include "plans/node_choice.h"

namespace drover::orchestrator {
namespace {

using plans::EventQuery;

Result<EventQuery> query_of(const Invocation& invocation, const Inventory& inventory) {
  EventQuery query{.ns = invocation.value("namespace"), .warnings = invocation.has("warnings")};
  if (invocation.has("for")) {
    DROVER_TRY_ASSIGN(const plans::ObjectName object,
                      plans::parse_object_name(invocation.value("for")));
    query.object_kind = object.kind;
    query.object_name = object.name;
  }
  if (invocation.subject.empty()) return query;
  DROVER_TRY_ASSIGN(const auto nodes, plans::name_nodes(inventory, {invocation.subject}));
  query.object_kind = "Node";
  query.object_name = nodes.front().host->node;
  return query;
}

Status check(const Invocation& invocation) {
  const auto wrong = [](const char* message) {
    return Error{.kind = ErrorKind::Usage, .message = message, .remedy = "`drover help events`"};
  };
  if (invocation.has("namespace") && invocation.has("all-namespaces"))
    return wrong("-n and -A exclude each other");
  if (invocation.has("namespace") && invocation.value("namespace").empty())
    return wrong("the namespace of -n is empty");
  if (invocation.has("for") && !invocation.subject.empty())
    return wrong("a node and --for exclude each other");
  return {};
}

plans::Timestamp now(ClusterSession& session) {
  return std::chrono::time_point_cast<plans::Timestamp::duration>(session.clock().wall());
}

Result<int> show(ClusterSession& session, const EventQuery& query, const Console& console,
                 const std::string& cluster) {
  const ApiRequest request = plans::list_events(query);
  DROVER_TRY_ASSIGN(const ApiResponse answer, session.api().get(request, session.stop()));
  if (!answer.ok()) return refusal(request, answer);
  DROVER_TRY_ASSIGN(EventList list, parse_event_list(answer.body));
  plans::sort_events(list.events);
  console.print(console.json ? events_json(cluster, list.events)
                             : events_text(list.events, now(session), console.out_style.color));
  return kExitDone;
}

Result<int> watch(ClusterSession& session, const EventQuery& query, const Console& console,
                  const std::string& cluster) {
  const auto print = [&](const ClusterEvent& event) {
    console.print(console.json ? event_json(cluster, event)
                               : event_line(event, console.out_style.color));
  };
  EventWatch events(session.api(), session.api(), session.clock(), query, print, warn);
  Error end = events.run(session.stop());
  // It has no other end than that.
  if (end.kind == ErrorKind::Cancelled) return kExitInterrupted;
  return end;
}

}  // namespace

int events_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  if (const Status right = check(invocation); !right) {
    console.complain(right.error());
    return exit_code(right.error().kind);
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) -> Result<int> {
    DROVER_TRY_ASSIGN(const EventQuery query, query_of(invocation, inventory));
    ClusterSession session(inventory);
    DROVER_TRY(session.open());
    return invocation.has("watch") ? watch(session, query, console, inventory.cluster)
                                   : show(session, query, console, inventory.cluster);
  });
}

}  // namespace drover::orchestrator
