#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "orchestrator/exec/step_loop.h"

/// How a step sends its API requests: each after its durable intent, several at once.
namespace drover::orchestrator {
namespace {

/// Requests of one step under way at once: enough to hide the way there and the handshake that each
/// of them makes, few enough for the API server and for the channel that all share.
constexpr size_t kAtOnce = 8;

/// ": default/web-1, ...": the pods that a drain would evict now.
std::string pods_of(const plans::Send& send) {
  std::string text;
  for (const plans::Send::Instance& instance : send.instances) {
    const auto pod = instance.params.find("pod");
    if (pod == instance.params.end()) continue;
    text += fmt::format("{}{}/{}", text.empty() ? ": " : ", ", instance.params.at("namespace"),
                        pod->second);
  }
  return text;
}

/// What ends a step while its requests are under way: the first reason counts.
class End {
 public:
  bool come() {
    const std::lock_guard lock(mutex_);
    return end_.has_value();
  }
  void note(std::optional<StepResult> end) {
    const std::lock_guard lock(mutex_);
    if (end && !end_) end_ = std::move(end);
  }
  std::optional<StepResult> take() { return std::move(end_); }

 private:
  std::mutex mutex_;
  std::optional<StepResult> end_;
};

StepResult broken(const std::exception& exception) {
  return {.status = StepStatus::Failed,
          .error = {.kind = ErrorKind::Internal, .message = exception.what()}};
}

}  // namespace

std::optional<StepResult> StepLoop::act(const plans::Send& send) {
  if (only_looks()) return would(fmt::format("would {}{}", step_.title, pods_of(send)));
  if (ports_.api_writer == nullptr) return refused(no_port("right to change the cluster"));
  if (time_is_up()) return out_of_time();
  const int first_effect = effects_ + 1;
  effects_ += static_cast<int>(send.instances.size());
  // What must be put back is on disk before the first request is, and none overtakes it (S10).
  if (Status allowed = permit(intent_of(send, 0, first_effect)); !allowed) {
    return refused(allowed.error());
  }
  End end;
  std::atomic<size_t> next{0};
  const auto work = [&](remote::ApiWriter& writer) {
    try {
      for (size_t at = next++; at < send.instances.size() && !end.come(); at = next++) {
        end.note(send_one(send, at, first_effect + static_cast<int>(at), writer));
      }
    } catch (const std::exception& exception) {
      end.note(broken(exception));
    }
  };
  const size_t lanes = ports_.another_writer ? std::min(kAtOnce, send.instances.size()) : 1;
  std::vector<std::jthread> others;
  for (size_t i = 1; i < lanes; ++i) {
    others.emplace_back([&] { work(*ports_.another_writer()); });
  }
  work(*ports_.api_writer);
  others.clear();  // joins
  return end.take();
}

std::map<std::string, std::string> StepLoop::intent_of(const plans::Send& send, size_t at,
                                                       int effect) const {
  const plans::Send::Instance& instance = send.instances.at(at);
  std::map<std::string, std::string> intent = {{"effect", std::to_string(effect)},
                                               {"request", std::to_string(instance.request)}};
  for (const auto& [name, value] : instance.params) intent["param." + name] = value;
  if (at > 0) return intent;
  for (const auto& [name, value] : send.before) intent["before." + name] = value;
  return intent;
}

std::optional<StepResult> StepLoop::send_one(const plans::Send& send, size_t at, int effect,
                                             remote::ApiWriter& writer) {
  const plans::Send::Instance& instance = send.instances.at(at);
  if (at > 0) {
    if (Status allowed = permit(intent_of(send, at, effect)); !allowed) {
      return refused(allowed.error());
    }
  }
  Params params = instance.params;
  params["run"] = attempt_.run;
  const auto request = instantiate(step_.requests.at(instance.request), params);
  if (!request) return refused(request.error());
  Result<ApiResponse> answer = writer.send(*request, {});
  report({{"effect", std::to_string(effect)},
          {answer ? "status" : "error",
           answer ? std::to_string(answer->status) : answer.error().message}});
  const std::lock_guard lock(sending_);
  effect_done_ = effect_done_ || (answer && answer->ok());
  attempt_.sent.push_back({instance.request, instance.params, std::move(answer), elapsed()});
  return std::nullopt;
}

}  // namespace drover::orchestrator
