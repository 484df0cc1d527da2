#pragma once

#include <chrono>

#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"

/// What a drain is told.
namespace drover::plans {

using namespace test;
using Names = std::vector<std::string>;

inline Names pods_of(const std::vector<ApiRequest>& sent) {
  Names names;
  for (const ApiRequest& request : sent) {
    const std::string tail = request.path.substr(request.path.find("/pods/") + 6);
    names.push_back(tail.substr(0, tail.find('/')));
  }
  return names;
}

// An attempt in which the pod's eviction was answered so, 0.1 s ago at second 1.
inline Attempt after(const Pod& pod, Result<ApiResponse> answer, double ago = 0.1) {
  Attempt attempt;
  attempt.run = "run";
  attempt.elapsed = Seconds{10 + ago};
  attempt.sent.push_back({0,
                          {{"namespace", pod.ns}, {"pod", pod.name}, {"uid", pod.uid}},
                          std::move(answer),
                          Seconds{10}});
  return attempt;
}

inline std::vector<Result<ApiResponse>> look(const std::vector<Pod>& pods,
                                             const std::vector<Workload>& daemonsets = {}) {
  return {ok(list_of("Pod", pods)), ok(list_of("DaemonSet", daemonsets))};
}

inline Result<ApiResponse> asked_to_wait(int seconds) {
  auto answer = refusal(429, "TooManyRequests", "too many requests, please try again later");
  answer->retry_after = std::chrono::seconds{seconds};
  return answer;
}

inline Result<ApiResponse> blocked() {
  return refusal(
      429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
      "DisruptionBudget", "The disruption budget web needs 3 healthy pods and has 3 currently");
}

}  // namespace drover::plans
