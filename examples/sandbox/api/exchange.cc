#include "examples/sandbox/api/exchange.h"

#include <fmt/format.h>

#include <algorithm>

#include "examples/sandbox/api/forbidden.h"
#include "examples/sandbox/api/route.h"
#include "examples/sandbox/world/settle.h"

namespace drover::sandbox {
namespace {

using Api = ControlPlane::Api;
using Client = Received::Client;
using Lock = std::unique_lock<std::mutex>;

constexpr std::chrono::milliseconds kLooks{20};  // between two looks at the nodes' files

Sent nothing() { return {.how = Sent::How::Nothing}; }

Sent sent_of(const Answer& answer) {
  const bool text = answer.body.is_string();
  Sent sent{.status = answer.status,
            .body = text ? answer.body.get<std::string>() : answer.body.dump() + "\n",
            .content_type = text ? "text/plain; charset=utf-8" : "application/json"};
  sent.headers["Cache-Control"] = "no-cache, private";
  if (answer.retry_after) sent.headers["Retry-After"] = std::to_string(*answer.retry_after);
  return sent;
}

/// The course of one request. The state's mutex is held but for its waits.
class Exchange {
 public:
  Exchange(ApiState& state, const std::string& control_plane, const Received& received)
      : state_(state), lock_(state.mutex), received_(received) {
    logged_.control_plane = control_plane;
    logged_.verb = received.verb;
    logged_.target = received.target;
    logged_.body = received.body;
  }

  Sent run() {
    Sent sent = outlive_waits() ? serve() : nothing();
    if (sent.how != Sent::How::Nothing) logged_.status = sent.status;
    state_.log.add(logged_);
    return sent;
  }

 private:
  // False when there will be no answer.
  bool outlive_waits() {
    const auto deadline = std::chrono::steady_clock::now() + state_.faults.slow;
    while (!state_.ending && std::chrono::steady_clock::now() < deadline)
      state_.changed.wait_until(lock_, deadline);
    rule_ = state_.faults.take(received_.verb + " " + received_.target);
    if (rule_ && rule_->kind == ApiFaults::Kind::Hold) wait_for_release();
    Api api = look();
    while (api == Api::Hangs && !state_.ending) {
      state_.changed.wait_for(lock_, kLooks);
      api = look();
      if (api == Api::Answers) api = Api::Gone;  // who was left hanging is not answered later
    }
    return api == Api::Answers && !state_.faults.down && !state_.ending;
  }

  void wait_for_release() {
    ++state_.faults.held;
    state_.changed.notify_all();
    state_.changed.wait(lock_, [&] { return state_.ending || state_.faults.held_go_on; });
    logged_.fault = "held";
    rule_.reset();
    if (--state_.faults.held == 0) state_.faults.held_go_on = false;
  }

  Api look() {
    logged_.at = state_.clock();
    settle(state_.world, logged_.at);
    return state_.world.control_planes.at(logged_.control_plane).api(logged_.at);
  }

  Sent serve() {
    if (auto refusal = refuse_client()) return sent_of(*refusal);
    if (rule_ && rule_->kind == ApiFaults::Kind::Fail) {
      logged_.fault = fmt::format("fail {}", rule_->status);
      return failure(rule_->status, received_.verb, received_.target);
    }
    const auto strike = state_.strike.meets(received_.verb, received_.target);
    if (strike == Strike::When::Before) return die("killed before");
    std::string mistake;
    const Answer said = answer(state_.world, logged_.at, logged_.control_plane, received_.verb,
                               received_.target, received_.content_type, received_.body, mistake);
    if (!mistake.empty()) state_.log.add_unknown(logged_, mistake);
    if (strike == Strike::When::After) return die("killed after");
    return spoil(sent_of(said));
  }

  // What anybody may read, and what only those may who are known.
  std::optional<Answer> refuse_client() const {
    if (received_.client == Client::Administrator) return std::nullopt;
    if (received_.client == Client::Stranger) return refuse(401, "Unauthorized", "Unauthorized");
    const std::string path = received_.target.substr(0, received_.target.find('?'));
    if (path == "/readyz" || path == "/version") return std::nullopt;
    return forbidden("system:anonymous", received_.verb, received_.target);
  }

  Sent die(const char* how) {
    logged_.fault = how;
    state_.strike.strike(received_.verb, received_.target);
    return nothing();
  }

  Sent spoil(Sent sent) {
    if (!rule_) return sent;
    if (rule_->kind == ApiFaults::Kind::Cut) {
      logged_.fault = "cut";
      sent.how = Sent::How::Half;
      return sent;
    }
    logged_.fault = "garbage";
    return garbage(state_.garbage_given++);
  }

  ApiState& state_;
  Lock lock_;
  const Received& received_;
  Logged logged_;
  std::optional<ApiFaults::Rule> rule_;
};

}  // namespace

Sent exchange(ApiState& state, const std::string& control_plane, const Received& received) {
  return Exchange(state, control_plane, received).run();
}

bool listens(ApiState& state, const std::string& control_plane, Moment now) {
  ClusterNode* node = state.world.find_node(control_plane);
  if (state.faults.down || node == nullptr) return false;
  const ControlPlane as_it_is(node->files.read(node->machine), state.world.born, state.world.pace,
                              node->outages);
  return as_it_is.api(now) != Api::Gone;
}

}  // namespace drover::sandbox
