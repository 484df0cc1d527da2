#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <mutex>
#include <utility>

#include "inventory/base/duration.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "inventory/cluster/label_query.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/console.h"
#include "orchestrator/logs/node_log_reader.h"
#include "orchestrator/logs/pod_log_reader.h"
#include "orchestrator/parallel.h"
#include "orchestrator/ui/logs_text.h"
#include "plans/object_target.h"

namespace drover::orchestrator {
namespace {

using plans::LogSource;
using plans::LogWindow;

constexpr long kTailOfEach = 10;  // as kubectl has it, of pods that a selector takes

Error wrong(std::string message, std::string remedy = "`drover help logs`") {
  return {.kind = ErrorKind::Usage, .message = std::move(message), .remedy = std::move(remedy)};
}

Result<LogWindow> read_window(const Invocation& invocation) {
  LogWindow window;
  if (invocation.has("since")) {
    const auto since = parse_duration(invocation.value("since"));
    if (!since || since->count() == 0)
      return wrong(fmt::format("--since {}: that is no duration",
                               quote(sanitise(invocation.value("since"), 80))),
                   "for example: --since 90s, --since 10m, --since 1h30m");
    window.since = *since;
  }
  if (!invocation.has("tail")) return window;
  const std::string text = invocation.value("tail");
  long lines = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lines);
  if (error != std::errc() || end != text.data() + text.size() || lines < 0)
    return wrong(fmt::format("--tail {}: that is no number of lines", quote(sanitise(text, 80))));
  window.tail = lines;
  return window;
}

/// What the command line asks for.
struct Wanted {
  LogWindow window;
  bool follow = false;
  bool of_node = false;  ///< options that only a node's log has
  bool of_pod = false;
};

Result<Wanted> read_wanted(const Invocation& invocation) {
  Wanted wanted;
  DROVER_TRY_ASSIGN(wanted.window, read_window(invocation));
  wanted.follow = invocation.has("follow");
  wanted.of_node = invocation.has("unit") || invocation.has("static-pod");
  wanted.of_pod =
      invocation.has("namespace") || invocation.has("container") || invocation.has("selector");
  if (wanted.of_node && wanted.of_pod)
    return wrong(
        "options for nodes (-u, --static-pod) and for pods (-n, -c, -l) exclude each other");
  if (invocation.has("unit") && invocation.has("static-pod"))
    return wrong("-u and --static-pod exclude each other");
  if (invocation.has("selector") && !invocation.subject.empty())
    return wrong("a pod and -l exclude each other");
  if (invocation.has("previous") && wanted.follow)
    return wrong("-f and --previous exclude each other: what ran before writes no more");
  if (invocation.has("selector")) DROVER_TRY(parse_label_query(invocation.value("selector")));
  for (const std::string& unit : invocation.values("unit")) {
    if (!plans::is_unit_name(unit))
      return wrong(fmt::format("-u {}: that is no unit", quote(sanitise(unit, 80))));
  }
  for (const char* name : {"namespace", "container", "static-pod"}) {
    if (invocation.has(name) && !plans::is_object_name(invocation.value(name)))
      return wrong(fmt::format("--{} {}: that is no name", name,
                               quote(sanitise(invocation.value(name), 80))));
  }
  return wanted;
}

/// `drover logs`.
class Logs {
 public:
  Logs(const Invocation& invocation, const Console& console, const Inventory& inventory,
       Wanted wanted)
      : invocation_(invocation),
        console_(console),
        inventory_(inventory),
        wanted_(std::move(wanted)),
        session_(inventory) {}

  Result<int> of_node(const Host& host) {
    const bool is_static = invocation_.has("static-pod");
    std::vector<std::string> units = invocation_.values("unit");
    if (units.empty()) units = {"kubelet"};
    const LogLabel label{
        .subject = host.name,
        .container = is_static ? invocation_.value("static-pod") : join(units, " "),
        .dated = !is_static};
    const auto log = is_static ? plans::static_pod_log(label.container, wanted_.window,
                                                       invocation_.has("previous"))
                               : plans::journal_log(units, wanted_.window);
    LogPrinter printer(stdout, style(), {label});
    DROVER_TRY(session_.fleet().credentials());
    const auto node = session_.fleet().node(host.name);
    NodeLogReader reader(
        *node, session_.clock(), *log,
        [&](const plans::LogLine& line) { return printer.print(label, line); }, warn);
    if (wanted_.follow) return ended(reader.follow(session_.stop()));
    DROVER_TRY_ASSIGN(const bool any, reader.show(session_.stop()));
    if (!any) warn(fmt::format("{}: there are no such lines of {}", host.name, label.container));
    return kExitDone;
  }

  Result<int> of_pods(plans::PodLogQuery query) {
    query.previous = invocation_.has("previous");
    query.follow = wanted_.follow;
    query.window = wanted_.window;
    if (!query.selector.empty() && !query.window.tail && !query.window.since)
      query.window.tail = kTailOfEach;
    DROVER_TRY(session_.open());
    DROVER_TRY_ASSIGN(const plans::LogSources chosen, choose(query));
    for (const std::string& note : chosen.notes) warn(note);
    std::vector<LogLabel> labels;
    for (const LogSource& source : chosen.sources) labels.push_back(label_of(source));
    LogPrinter printer(stdout, style(), labels);
    return query.follow ? follow(chosen.sources, query, printer)
                        : show(chosen.sources, query, printer);
  }

 private:
  LogPrinter::Style style() const {
    return {console_.json, invocation_.has("timestamps"), inventory_.cluster};
  }

  static LogLabel label_of(const LogSource& source) {
    return {source.ns, source.pod, source.container};
  }

  Result<plans::LogSources> choose(const plans::PodLogQuery& query) {
    const ApiRequest request = plans::find_log_pods(query);
    DROVER_TRY_ASSIGN(const ApiResponse answer, session_.api().get(request, session_.stop()));
    if (!answer.ok()) return refusal(request, answer);
    DROVER_TRY_ASSIGN(const auto pods, parse_pod_details(answer.body));
    return plans::choose_log_sources(query, pods);
  }

  /// One after the other. Of several pods one without a log does not hide the others'.
  Result<int> show(const std::vector<LogSource>& sources, const plans::PodLogQuery& query,
                   LogPrinter& printer) {
    remote::KubeApi& api = session_.api();
    std::optional<Error> failed;
    for (const LogSource& source : sources) {
      const LogLabel label = label_of(source);
      PodLogReader reader(
          api, api, session_.clock(), source, query,
          [&](const plans::LogLine& line) { return printer.print(label, line); }, warn);
      const Status shown = reader.show(session_.stop());
      if (shown) continue;
      if (sources.size() == 1 || shown.error().kind != ErrorKind::Api) return shown.error();
      console_.complain(shown.error());
      failed = shown.error();
    }
    return failed ? exit_code(failed->kind) : kExitDone;
  }

  /// All at once, until the last of them has ended.
  Result<int> follow(const std::vector<LogSource>& sources, const plans::PodLogQuery& query,
                     LogPrinter& printer) {
    std::vector<Status> ends(sources.size());
    std::mutex telling;
    in_parallel(sources.size(), plans::kMostFollowed, [&](size_t i) {
      const auto api = session_.fleet().api();
      const LogLabel label = label_of(sources[i]);
      PodLogReader reader(
          *api, *api, session_.clock(), sources[i], query,
          [&](const plans::LogLine& line) { return printer.print(label, line); },
          [&](const std::string& text) {
            const std::lock_guard lock(telling);
            warn(text);
          });
      ends[i] = reader.follow(session_.stop());
    });
    std::optional<Result<int>> worst;
    for (const Status& end : ends) {
      if (end) continue;
      if (!worst) {
        worst = ended(end);
      } else if (end.error().kind != ErrorKind::Cancelled) {
        console_.complain(end.error());
      }
    }
    return worst ? *worst : Result<int>(kExitDone);
  }

  /// Ctrl-C is the usual end, and no error to be told.
  static Result<int> ended(const Status& end) {
    if (end) return kExitDone;
    if (end.error().kind == ErrorKind::Cancelled) return kExitInterrupted;
    return end.error();
  }

  const Invocation& invocation_;
  const Console& console_;
  const Inventory& inventory_;
  const Wanted wanted_;
  ClusterSession session_;
};

Result<int> run(const Invocation& invocation, const Console& console, const Inventory& inventory,
                const Wanted& wanted) {
  const std::string ns = invocation.value("namespace");
  if (invocation.has("selector")) {
    return Logs(invocation, console, inventory, wanted)
        .of_pods({.selector = invocation.value("selector"),
                  .ns = ns,
                  .container = invocation.value("container")});
  }
  DROVER_TRY_ASSIGN(
      const plans::ObjectTarget target,
      plans::object_target(inventory, invocation.subject, {wanted.of_node, wanted.of_pod, ns}));
  if (target.kind == plans::ObjectTarget::Kind::Pod) {
    return Logs(invocation, console, inventory, wanted)
        .of_pods({.pod = target.name, .ns = target.ns, .container = invocation.value("container")});
  }
  if (target.host == nullptr)
    return wrong(fmt::format("{} is neither a host of the inventory {} nor its node",
                             sanitise(target.name, 80), inventory.file),
                 "logs of a node are read by SSH: add it to `hosts`");
  // Said before a login asks for anything.
  if (invocation.has("previous") && !invocation.has("static-pod"))
    return wrong("--previous is for pods and static pods: a journal has all that was written");
  return Logs(invocation, console, inventory, wanted).of_node(*target.host);
}

}  // namespace

int logs_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const Result<Wanted> wanted = read_wanted(invocation);
  if (!wanted) {
    console.complain(wanted.error());
    return exit_code(wanted.error().kind);
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    return run(invocation, console, inventory, *wanted);
  });
}

}  // namespace drover::orchestrator
