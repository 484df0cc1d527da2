#include "plans/steps/control_plane_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "inventory/base/text.h"
#include "inventory/cluster/lease.h"
#include "plans/steps/hold.h"
#include "plans/steps/image_tag.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

using std::chrono::milliseconds;

constexpr Seconds kUnchanged{20};
constexpr Seconds kSettled{10};
constexpr std::chrono::seconds kAnswerPatience{5};  // an API server without etcd hangs
constexpr const char* kAnswers = "readyz";
constexpr const char* kOkSince = "readyz_since";
constexpr const char* kSeen = "seen:";
constexpr const char* kRenewedAt = "renewed:";
constexpr std::array kLeases = {"kube-scheduler", "kube-controller-manager"};
constexpr std::string_view kEtcd = "etcd";
constexpr std::array<std::string_view, 4> kStaticPodNames = {
    kEtcd, "kube-apiserver", "kube-controller-manager", "kube-scheduler"};

std::string in_kube_system(const std::string& kind, const std::string& name) {
  return fmt::format("/api/v1/namespaces/kube-system/{}/{}", kind, name);
}

std::string lease_path(const std::string& name) {
  return "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/" + name;
}

Seconds read_time(std::string_view text, Seconds absent) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? Seconds{value} : absent;
}

std::string as_note(Seconds time) { return fmt::format("{:.3f}", time.count()); }

/// One judgement of the gate, condition by condition.
class Judgement {
 public:
  Judgement(const Gate& gate, const Attempt& attempt, const Answers& answers)
      : gate_(gate), attempt_(attempt), answers_(answers) {}

  GateView view() && {
    const bool ok = judge_readyz();
    if (ok && gate_asks_all(attempt_)) {
      judge_static_pods();
      judge_lease(kSchedulerLease, kLeases[0]);
      judge_lease(kManagerLease, kLeases[1]);
      judge_access(kKubeadmConfigMap, "kubeadm-config");
      judge_access(kCorednsConfigMap, "coredns");
      view_.pause = milliseconds{500};
    } else if (ok) {
      miss("the control plane's state");
      view_.pause = milliseconds{0};  // it answers: ask for everything at once
    }
    std::stable_sort(view_.missing.begin(), view_.missing.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
    return std::move(view_);
  }

 private:
  void miss(std::string what) { view_.missing.push_back(std::move(what)); }

  // False when nothing else need be looked at in this round.
  bool judge_readyz() {
    const Result<ApiResponse>& answer = answers_.responses.at(kReadyz);
    const bool ok = answer && answer->ok();
    if (!ok) {
      view_.remember = {{kAnswers, ""}, {kOkSince, ""}};
      miss(answer ? fmt::format("/readyz to say ok (HTTP {})", answer->status)
                  : fmt::format("/readyz to answer ({})", sanitise(answer.error().message, 120)));
      return false;
    }
    const Seconds since = read_time(attempt_.note(kOkSince), attempt_.elapsed);
    view_.remember = {{kAnswers, "ok"}, {kOkSince, as_note(since)}};
    const Seconds held = attempt_.elapsed - since;
    if (held < gate_.readyz_for) {
      miss(fmt::format("/readyz to hold for {:.0f} s", gate_.readyz_for.count()));
    }
    return true;
  }

  void judge_static_pods() {
    const auto pods =
        read_answer(answers_.responses.at(kStaticPods), "list the static pods", parse_pod_list);
    if (!pods) {
      miss(fmt::format("the static pods of {} to be shown", gate_.node));
      return;
    }
    for (const std::string& component : gate_.components) judge_component(component, *pods);
    for (std::string& behind : not_at_tag(gate_, *pods)) miss(std::move(behind));
  }

  void judge_component(const std::string& component, const std::vector<Pod>& pods) {
    const auto pod = std::find_if(pods.begin(), pods.end(), [&](const Pod& one) {
      const auto label = one.labels.find("component");
      return !one.deleting && label != one.labels.end() && label->second == component;
    });
    if (pod == pods.end() || pod->containers.empty()) {
      miss(component + " to start");
      return;
    }
    if (!pod->ready || pod->phase != "Running") {
      const std::string& why = pod->containers.front().waiting_reason;
      miss(component + " to be ready" +
           (why.empty() ? "" : fmt::format(" ({})", sanitise(why, 60))));
    }
    if (!restart_is_over(component, *pod)) {
      miss(fmt::format("{} to restart or stay for {:.0f} s", component, kUnchanged.count()));
    }
  }

  // New since the restart, or the same for so long that none is to be expected any more.
  bool restart_is_over(const std::string& component, const Pod& pod) {
    bool all_new = gate_.since.has_value();
    std::string ids;
    for (const ContainerStatus& container : pod.containers) {
      const auto started = parse_timestamp(container.started_at);
      if (started) newest_start_ = std::max(newest_start_.value_or(*started), *started);
      if (!started || !gate_.since || *started <= *gate_.since) all_new = false;
      ids += container.container_id + ' ';
    }
    if (!gate_.restarted) return true;
    ids += '@';
    const std::string note = kSeen + component;
    const std::string& seen = attempt_.note(note);
    const bool same = seen.rfind(ids, 0) == 0;
    if (!same) view_.remember[note] = ids + as_note(attempt_.elapsed);
    if (all_new) return true;
    if (!same) return false;
    return attempt_.elapsed - read_time(seen.substr(ids.size()), attempt_.elapsed) >= kUnchanged;
  }

  void judge_lease(GateQuery query, const std::string& name) {
    const Result<ApiResponse>& answer = answers_.responses.at(query);
    if (not_found(answer)) return;  // a control plane without leader election
    const auto lease = read_answer(answer, "read lease " + name, parse_lease);
    if (!lease || !renewed(name, lease->renew_time)) miss(name + "'s lease to be renewed");
  }

  bool renewed(const std::string& name, const std::string& renew_time) {
    const auto at = parse_timestamp(renew_time);
    if (!at) return false;
    if (gate_.restarted && gate_.since) {
      return *at > std::max(*gate_.since, newest_start_.value_or(*gate_.since));
    }
    const std::string note = kRenewedAt + name;
    const std::string& first = attempt_.note(note);
    if (first.empty()) view_.remember[note] = renew_time;
    return !first.empty() && first != renew_time;
  }

  void judge_access(GateQuery query, const std::string& name) {
    const Result<ApiResponse>& answer = answers_.responses.at(query);
    if (not_found(answer) || (answer && answer->ok())) return;
    miss(answer ? fmt::format("access to configmaps/{} (HTTP {})", name, answer->status)
                : fmt::format("access to configmaps/{}", name));
  }

  const Gate& gate_;
  const Attempt& attempt_;
  const Answers& answers_;
  GateView view_;
  std::optional<Timestamp> newest_start_;  ///< of the gate's containers
};

}  // namespace

void describe_gate(Step& step, const Scope& scope, const Host& host) {
  std::vector<std::string> components;
  for (std::string_view component : kStaticPodNames) {
    const bool elsewhere = scope.facts.kubeadm.external_etcd && component == kEtcd;
    if (!elsewhere) components.emplace_back(component);
  }
  step.params["control_plane"] = host.node;
  step.params["static_pods"] = join(components, " ");
  step.params["target"] = scope.target.tag();
}

Gate gate_of(const Step& step) {
  Gate gate;
  gate.node = step.param("control_plane");
  gate.components = split_words(step.param("static_pods"));
  return gate;
}

bool gate_asks_all(const Attempt& attempt) { return attempt.note(kAnswers) == "ok"; }

Queries gate_queries(const Gate& gate, const Attempt& attempt) {
  Queries queries;
  queries.requests.push_back(get("/readyz", kAnswerPatience));
  if (!gate_asks_all(attempt)) return queries;
  queries.requests.push_back(
      get(fmt::format("/api/v1/namespaces/kube-system/pods?fieldSelector={}&labelSelector={}",
                      percent_encode("spec.nodeName=" + gate.node),
                      percent_encode(fmt::format("component in ({})", join(gate.components, ",")))),
          kAnswerPatience));
  for (const char* lease : kLeases)
    queries.requests.push_back(get(lease_path(lease), kAnswerPatience));
  for (const char* name : {"kubeadm-config", "coredns"}) {
    queries.requests.push_back(get(in_kube_system("configmaps", name), kAnswerPatience));
  }
  return queries;
}

GateView judge_gate(const Gate& gate, const Attempt& attempt, const Answers& answers) {
  return Judgement(gate, attempt, answers).view();
}

Notes forget_gate() {
  Notes notes = {{kAnswers, ""}, {kOkSince, ""}, {"held_since", ""}, {"held_times", "0"}};
  for (const char* lease : kLeases) notes[std::string(kRenewedAt) + lease] = "";
  for (std::string_view component : kStaticPodNames) notes[kSeen + std::string(component)] = "";
  return notes;
}

Decision decide_gate(const Gate& gate, const Attempt& attempt, const Answers& answers,
                     const std::string& message) {
  GateView view = judge_gate(gate, attempt, answers);
  Decision decision =
      view.missing.empty() ? done(message) : wait_for(join(view.missing, ", "), view.pause);
  decision.remember = std::move(view.remember);
  return decision;
}

Decision retry_behind_gate(const Step& step, const Attempt& attempt, const Answers& answers,
                           const Error& error) {
  GateView view = judge_gate(gate_of(step), attempt, answers);
  Decision decision = hold({1, kSettled, view.pause}, attempt, view.missing, "");
  if (std::holds_alternative<Done>(decision.next)) return fail(error, /*again=*/true);
  Wait& wait = std::get<Wait>(decision.next);
  wait.what = fmt::format("the control plane to settle before another attempt: {} (after: {})",
                          wait.what, sanitise(error.message, 200));
  decision.remember.merge(view.remember);
  return decision;
}

std::vector<std::string> not_at_tag(const Gate& gate, const std::vector<Pod>& pods) {
  std::vector<std::string> behind;
  if (gate.tag.empty()) return behind;
  for (const std::string& component : gate.components) {
    if (component == kEtcd) continue;
    const bool there = std::any_of(pods.begin(), pods.end(), [&](const Pod& pod) {
      const auto label = pod.labels.find("component");
      return label != pod.labels.end() && label->second == component && !pod.images.empty() &&
             image_tag(pod.images.front()) == gate.tag;
    });
    if (!there) behind.push_back(fmt::format("{} at {}", component, gate.tag));
  }
  return behind;
}

}  // namespace drover::plans
