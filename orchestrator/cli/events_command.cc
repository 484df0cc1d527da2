#include <optional>

#include "inventory/cluster/api_refusal.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/list_options.h"
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

Result<EventQuery> query_of(const Invocation& invocation, const ListChoice& choice,
                            const Inventory& inventory) {
  EventQuery query{.ns = choice.ns,
                   .warnings = invocation.has("warnings"),
                   .labels = choice.labels,
                   .fields = choice.fields};
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

Result<ListChoice> read_choice(const Invocation& invocation) {
  if (invocation.has("for") && !invocation.subject.empty())
    return Error{.kind = ErrorKind::Usage,
                 .message = "a node and --for exclude each other",
                 .remedy = "`drover help events`"};
  return read_list_choice(invocation);
}

plans::Timestamp now(ClusterSession& session) {
  return std::chrono::time_point_cast<plans::Timestamp::duration>(session.clock().wall());
}

Result<int> show(ClusterSession& session, const EventQuery& query, const Console& console,
                 const ListStyle& style) {
  const ApiRequest request = plans::list_events(query);
  DROVER_TRY_ASSIGN(const ApiResponse answer, session.api().get(request, session.stop()));
  if (!answer.ok()) return refusal(request, answer);
  DROVER_TRY_ASSIGN(EventList list, parse_event_list(answer.body));
  plans::sort_events(list.events);
  console.print(list_text(events_list(now(session)), list.events, style));
  return kExitDone;
}

Result<int> watch(ClusterSession& session, const EventQuery& query, const Console& console,
                  const ListStyle& style) {
  const auto print = [&](const ClusterEvent& event) { console.print(event_text(event, style)); };
  EventWatch events(session.api(), session.api(), session.clock(), query, print, warn);
  Error end = events.run(session.stop());
  // It has no other end than that.
  if (end.kind == ErrorKind::Cancelled) return kExitInterrupted;
  return end;
}

}  // namespace

int events_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const Result<ListChoice> choice = read_choice(invocation);
  if (!choice) {
    console.complain(choice.error());
    return exit_code(choice.error().kind);
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) -> Result<int> {
    DROVER_TRY_ASSIGN(const EventQuery query, query_of(invocation, *choice, inventory));
    const ListStyle style = list_style(invocation, inventory.cluster, console.out_style.color);
    ClusterSession session(inventory);
    DROVER_TRY(session.open());
    return invocation.has("watch") ? watch(session, query, console, style)
                                   : show(session, query, console, style);
  });
}

}  // namespace drover::orchestrator
