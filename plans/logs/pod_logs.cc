#include "plans/logs/pod_logs.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "plans/pod_by_name.h"

namespace drover::plans {
namespace {

using State = ContainerDetail::State;

constexpr std::chrono::seconds kListTimeout{60};
constexpr std::chrono::seconds kReadTimeout{600};
// A followed log is asked for again after this time, so that a dead connection is found out.
constexpr std::chrono::seconds kFollowTimeout{300};

Error refused(std::string message, std::string remedy) {
  return {.kind = ErrorKind::Refused, .message = std::move(message), .remedy = std::move(remedy)};
}

Error none_taken(const PodLogQuery& query) {
  return refused(fmt::format("the selector {} takes no pod {}", sanitise(query.selector),
                             where_looked(query.ns)),
                 query.ns.empty() ? "`drover top pods` shows what there is"
                                  : "without -n all namespaces are looked at");
}

std::string names_of(const PodDetail& pod, bool apps_only) {
  std::vector<std::string> names;
  for (const ContainerDetail& one : pod.containers) {
    if (!apps_only || one.kind == ContainerDetail::Kind::App) names.push_back(sanitise(one.name));
  }
  return join(names, ", ");
}

Error no_container(const PodDetail& pod, const std::string& name) {
  std::vector<std::string> names;
  for (const ContainerDetail& one : pod.containers) names.push_back(sanitise(one.name));
  const auto near = nearest(name, names);
  return {.kind = ErrorKind::Usage,
          .message = fmt::format("pod {} has no container {}", sanitise(pod.pod.full_name()),
                                 sanitise(name, 80)),
          .remedy = near ? fmt::format("did you mean {}?", *near)
                         : fmt::format("it has {}", names_of(pod, false))};
}

/// nullptr: the pod has none at all.
const ContainerDetail* default_container(const PodDetail& pod, std::vector<std::string>& notes) {
  if (pod.containers.empty()) return nullptr;
  const ContainerDetail* chosen = pod.find(pod.default_container);
  if (chosen != nullptr) return chosen;
  chosen = &pod.containers.front();
  const auto apps = std::count_if(
      pod.containers.begin(), pod.containers.end(),
      [](const ContainerDetail& one) { return one.kind == ContainerDetail::Kind::App; });
  if (apps > 1) {
    notes.push_back(fmt::format("pod {} has several containers, this is {}; -c chooses of {}",
                                sanitise(pod.pod.full_name()), sanitise(chosen->name),
                                names_of(pod, true)));
  }
  return chosen;
}

LogSource source_of(const PodDetail& pod, const ContainerDetail& container) {
  return {.ns = pod.pod.ns,
          .pod = pod.pod.name,
          .uid = pod.pod.uid,
          .container = container.name,
          .id = container.state == State::Running ? container.id : "",
          .node = pod.pod.node};
}

std::string end_text(const ContainerDetail& container, const std::optional<ContainerEnd>& end) {
  if (!end) return fmt::format("container {} has ended", sanitise(container.name));
  return fmt::format("container {} ended with exit code {}{}", sanitise(container.name),
                     end->exit_code,
                     end->reason.empty() ? "" : fmt::format(" ({})", sanitise(end->reason)));
}

}  // namespace

ApiRequest find_log_pods(const PodLogQuery& query) {
  if (query.selector.empty()) return find_pod({query.pod, query.ns});
  std::string path = "/api/v1/pods";
  if (!query.ns.empty()) path = fmt::format("/api/v1/namespaces/{}/pods", percent_encode(query.ns));
  return {.path = path + "?labelSelector=" + percent_encode(query.selector),
          .timeout = kListTimeout};
}

Result<LogSources> choose_log_sources(const PodLogQuery& query,
                                      const std::vector<PodDetail>& pods) {
  if (query.selector.empty()) DROVER_TRY(is_one_pod({query.pod, query.ns}, pods));
  if (pods.empty()) return none_taken(query);
  LogSources chosen;
  for (const PodDetail& pod : pods) {
    const ContainerDetail* container =
        query.container.empty() ? default_container(pod, chosen.notes) : pod.find(query.container);
    if (container != nullptr) {
      chosen.sources.push_back(source_of(pod, *container));
    } else if (query.selector.empty()) {
      return no_container(pod, query.container);
    }
  }
  if (chosen.sources.empty()) return no_container(pods.front(), query.container);
  if (query.follow && chosen.sources.size() > kMostFollowed) {
    return refused(fmt::format("the selector takes {} pods, and at most {} are followed at once",
                               chosen.sources.size(), kMostFollowed),
                   "narrow it, or name a namespace with -n");
  }
  return chosen;
}

ApiRequest read_log(const LogSource& source, const PodLogQuery& query, const std::string& since) {
  std::string path = fmt::format("/api/v1/namespaces/{}/pods/{}/log?container={}&timestamps=true",
                                 percent_encode(source.ns), percent_encode(source.pod),
                                 percent_encode(source.container));
  if (query.follow) path += "&follow=true";
  if (query.previous) path += "&previous=true";
  if (!since.empty()) {
    path += "&sinceTime=" + percent_encode(since);
  } else {
    if (query.window.since) path += fmt::format("&sinceSeconds={}", query.window.since->count());
    if (query.window.tail) path += fmt::format("&tailLines={}", *query.window.tail);
  }
  return {.path = std::move(path), .timeout = query.follow ? kFollowTimeout : kReadTimeout};
}

std::string no_lines(const LogSource& source, const PodLogQuery& query) {
  return fmt::format(
      "container {} of pod {} has written nothing{}{}", sanitise(source.container),
      sanitise(source.ns + '/' + source.pod), query.previous ? " before its last restart" : "",
      query.window.since ? fmt::format(" for {}", format_duration(*query.window.since)) : "");
}

Error log_refusal(const LogSource& source, const ApiRequest& request, const ApiResponse& answer) {
  Error error = refusal(request, answer);
  // So it answers when the kubelet does not, or does not know a pod that has just been found;
  // troubles of its own are 429, 503 and 504.
  const bool of_kubelet = answer.status == 500 || answer.status == 502 || answer.status == 404;
  if (of_kubelet && !source.node.empty()) {
    const std::string node = sanitise(source.node, 80);
    error.remedy = fmt::format(
        "the API server asks the kubelet of {} for it: `drover logs node/{}` "
        "shows what that says",
        node, node);
  }
  return error;
}

ApiRequest read_log_pod(const LogSource& source) {
  return {.path = fmt::format("/api/v1/namespaces/{}/pods/{}", percent_encode(source.ns),
                              percent_encode(source.pod))};
}

LogEnd judge_log_end(const LogSource& source, const PodDetail* pod) {
  const std::string name = sanitise(source.ns + '/' + source.pod);
  if (pod == nullptr) return {LogEnd::Over, fmt::format("pod {} is gone", name)};
  if (pod->pod.uid != source.uid) {
    return {LogEnd::Over, fmt::format("pod {} is gone, and another one has its name", name)};
  }
  const ContainerDetail* container = pod->find(source.container);
  if (container == nullptr) return {LogEnd::Over, fmt::format("pod {} is another one now", name)};
  if (container->state == State::Running) {
    // Without an id from before it had not begun; then this is the one that was waited for.
    if (source.id.empty() || container->id == source.id) return {LogEnd::BrokenOff, ""};
    return {LogEnd::Over, end_text(*container, container->last_end) + ", and was started again"};
  }
  const bool ran = !source.id.empty() || container->end || container->last_end;
  if (!ran) {
    const std::string why = container->reason.empty() ? "to be started" : container->reason;
    return {LogEnd::NotBegun, fmt::format("container {} of pod {}: {}", sanitise(container->name),
                                          name, sanitise(why))};
  }
  std::string why = end_text(*container, container->end ? container->end : container->last_end);
  if (!container->reason.empty()) why += fmt::format("; now {}", sanitise(container->reason));
  return {LogEnd::Over, std::move(why)};
}

}  // namespace drover::plans
