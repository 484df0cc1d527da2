#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "plans/logs/pod_logs.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// Takes a line of a log; false: nobody wants more.
using ShowLine = std::function<bool(const plans::LogLine&)>;

/// Reads the log of one container from the API. One thread.
class PodLogReader {
 public:
  using Tell = std::function<void(const std::string&)>;  ///< what the operator should know

  PodLogReader(remote::ApiReader& reader, remote::ApiStreams& streams, remote::Clock& clock,
               plans::LogSource source, plans::PodLogQuery query, ShowLine show, Tell tell)
      : reader_(reader),
        streams_(streams),
        clock_(clock),
        source_(std::move(source)),
        query_(std::move(query)),
        show_(std::move(show)),
        tell_(std::move(tell)) {}

  /// Shows what there is of it, and tells when there is nothing.
  Status show(const std::stop_token& stop);

  /// Goes on with what is written, over lost connections and restarts of the API server and of the
  /// kubelet, each line once, until the container has ended, which is told and no error, or until
  /// nobody wants more. Errors: Cancelled by `stop`; what the API refuses; Unreachable when the way
  /// there has been lost for five minutes.
  Status follow(const std::stop_token& stop);

 private:
  enum class Next { End, Again };

  Result<ApiResponse> read(const std::stop_token& stop);
  bool take(const std::string& text);
  void take_rest();
  Result<Next> look(const ApiResponse& answer, const ApiRequest& request,
                    const std::stop_token& stop);
  void tell_once(const std::string& text);

  remote::ApiReader& reader_;
  remote::ApiStreams& streams_;
  remote::Clock& clock_;
  plans::LogSource source_;
  plans::PodLogQuery query_;
  const ShowLine show_;
  const Tell tell_;
  plans::LogPlace place_;
  std::optional<std::string> rest_;  ///< of the last reading: a line that was not ended
  bool any_ = false;                 ///< a line was shown
  bool enough_ = false;              ///< nobody wants more
  std::string told_;
};

}  // namespace drover::orchestrator
