#pragma once

#include <string>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"
#include "inventory/cluster/pod_detail.h"
#include "plans/logs/log_line.h"

/// Which containers' logs an operator asks for, and how the API is asked for them.
namespace drover::plans {

struct PodLogQuery {
  std::string pod;        ///< "": those of the selector
  std::string selector;   ///< "": one pod by its name
  std::string ns;         ///< "": all namespaces
  std::string container;  ///< "": the one that its author would look at first
  bool previous = false;  ///< of the container that ran before the last restart
  bool follow = false;
  LogWindow window;
};

/// The pods that the query may mean.
ApiRequest find_log_pods(const PodLogQuery& query);

/// One container's log.
struct LogSource {
  std::string ns;
  std::string pod;
  std::string uid;  ///< of the pod
  std::string container;
  std::string id;    ///< of the container that runs; "": none does
  std::string node;  ///< "": the pod is on none
};

struct LogSources {
  std::vector<LogSource> sources;
  std::vector<std::string> notes;  ///< what the operator should know of the choice
};

/// Logs that may be followed at once.
inline constexpr size_t kMostFollowed = 20;

/// Chooses among the pods found. Refused: there is no such pod; several namespaces have one of that
/// name; too many to follow. Usage: it has no such container; the nearest one is named.
Result<LogSources> choose_log_sources(const PodLogQuery& query, const std::vector<PodDetail>& pods);

/// With the time of each line in front. `since`: from that time on, in place of the query's window.
ApiRequest read_log(const LogSource& source, const PodLogQuery& query, const std::string& since);

/// What to tell when the log has no line that the query wants.
std::string no_lines(const LogSource& source, const PodLogQuery& query);

/// An answer that is none, with what to look at instead when it is the node's kubelet that fails.
Error log_refusal(const LogSource& source, const ApiRequest& request, const ApiResponse& answer);

/// The pod itself, to see what became of a container whose log has ended.
ApiRequest read_log_pod(const LogSource& source);

/// What a log's end means, by its pod as it is then; `pod` nullptr: there is none of that name.
struct LogEnd {
  enum Kind {
    Over,
    BrokenOff,  ///< the container runs: only its reading has ended
    NotBegun,   ///< the container is still to be started for the first time
  } kind = Over;
  std::string
      why;  ///< "container app ended with exit code 1 (Error)"; of NotBegun: what it waits for
};
LogEnd judge_log_end(const LogSource& source, const PodDetail* pod);

}  // namespace drover::plans
