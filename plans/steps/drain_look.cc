#include "plans/steps/drain_look.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/replicas.h"
#include "plans/drain_forecast.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

enum class Ask {
  Pods,
  DaemonSets,
  Budgets,
  Cordoned,
  NamespacePods,
  Replicas,
  Attachments,
  Volume,
};

struct Question {
  Ask ask;
  std::string about;  ///< namespace, kind or volume
  ApiRequest request;
};

constexpr std::chrono::seconds kListTimeout{30};

void ask_serving(const std::vector<std::string>& asked, std::vector<Question>& questions) {
  if (asked.empty()) return;
  questions.push_back(
      {Ask::Cordoned, "",
       get("/api/v1/nodes?fieldSelector=" + percent_encode("spec.unschedulable=true"))});
  std::set<std::string> namespaces;
  for (const std::string& one : asked) {
    const size_t slash = one.find('/');
    const std::string ns = one.substr(slash + 1);
    const std::string kind = one.substr(0, slash);
    if (namespaces.insert(ns).second) {
      questions.push_back(
          {Ask::NamespacePods, ns,
           get(fmt::format("/api/v1/namespaces/{}/pods", percent_encode(ns)), kListTimeout)});
    }
    questions.push_back({Ask::Replicas, kind, get(replicas_path(kind, ns), kListTimeout)});
  }
}

std::vector<Question> questions_of(const Step& step, const Attempt& attempt) {
  std::vector<Question> questions = {
      {Ask::Pods, "",
       get("/api/v1/pods?fieldSelector=" + percent_encode("spec.nodeName=" + step.param("node")))},
      {Ask::DaemonSets, "", get("/apis/apps/v1/daemonsets")}};
  if (!attempt.note(kAskBudgets).empty()) {
    questions.push_back({Ask::Budgets, "", get("/apis/policy/v1/poddisruptionbudgets")});
  }
  ask_serving(split_words(attempt.note(kAskServing)), questions);
  if (!attempt.note(kAskDetach).empty()) {
    questions.push_back(
        {Ask::Attachments, "", get("/apis/storage.k8s.io/v1/volumeattachments", kListTimeout)});
  }
  for (const std::string& volume : split_words(attempt.note(kAskVolumes))) {
    questions.push_back(
        {Ask::Volume, volume, get("/api/v1/persistentvolumes/" + percent_encode(volume))});
  }
  return questions;
}

class Reading {
 public:
  Reading(const Step& step, const Attempt& attempt) : node_(step.param("node")) {
    const auto asked = split_words(attempt.note(kAskServing));
    if (asked.empty()) return;
    sight_.serving.emplace();
    sight_.serving->asked = {asked.begin(), asked.end()};
  }

  Status take(const Question& question, const Result<ApiResponse>& answer) {
    switch (question.ask) {
      case Ask::Pods:
        return into(sight_.pods, answer, "list the pods of " + node_, parse_pod_list);
      case Ask::DaemonSets:
        return take_daemonsets(answer);
      case Ask::Budgets:
        return into(sight_.budgets, answer, "list disruption budgets", parse_pdb_list);
      case Ask::Cordoned:
        return take_cordoned(answer);
      case Ask::NamespacePods:
        return take_others(question.about, answer);
      case Ask::Replicas:
        return take_replicas(question.about, answer);
      case Ask::Attachments:
        return take_attachments(answer);
      case Ask::Volume:
        return take_volume(question.about, answer);
    }
    return {};
  }

  DrainSight sight() { return std::move(sight_); }

 private:
  template <class Into, class T>
  static Status into(Into& place, const Result<ApiResponse>& answer, const std::string& what,
                     Result<T> (*parse)(std::string_view)) {
    DROVER_TRY_ASSIGN(place, read_answer(answer, what, parse));
    return {};
  }

  Status take_daemonsets(const Result<ApiResponse>& answer) {
    if (!answer->ok()) return refused("list DaemonSets", *answer);
    DROVER_TRY_ASSIGN(const auto found, parse_workload_list(answer->body, "DaemonSet"));
    sight_.daemonsets = daemonsets_of(found);
    return {};
  }

  // Who is being drained, too, will not serve for long.
  Status take_cordoned(const Result<ApiResponse>& answer) {
    std::vector<Node> nodes;
    DROVER_TRY(into(nodes, answer, "list cordoned nodes", parse_node_list));
    for (const Node& node : nodes) {
      if (node.annotations.contains(std::string(kCordonAnnotation))) draining_.insert(node.name);
    }
    return {};
  }

  Status take_others(const std::string& ns, const Result<ApiResponse>& answer) {
    std::vector<Pod> pods;
    DROVER_TRY(into(pods, answer, "list the pods of namespace " + ns, parse_pod_list));
    for (const Pod& pod : pods) {
      const std::string key = replicas_key(pod);
      if (!pod.ready || pod.deleting || pod.node == node_ || key.empty()) continue;
      if (!draining_.contains(pod.node)) {
        ++sight_.serving->ready_elsewhere[key];
      } else {
        std::string& last = sight_.serving->last_leaving[key];
        last = std::max(last, pod.name);
      }
    }
    return {};
  }

  Status take_replicas(const std::string& kind, const Result<ApiResponse>& answer) {
    if (!answer->ok()) return refused(fmt::format("list each {}", kind), *answer);
    DROVER_TRY_ASSIGN(const auto found, parse_replicas_list(answer->body, kind));
    for (const Replicas& owner : found) {
      sight_.serving->wanted[fmt::format("{}/{}/{}", kind, owner.ns, owner.name)] = owner.wanted;
    }
    return {};
  }

  Status take_attachments(const Result<ApiResponse>& answer) {
    std::vector<VolumeAttachment> all;
    DROVER_TRY(into(all, answer, "list volume attachments", parse_volume_attachment_list));
    sight_.attachments.emplace();
    std::copy_if(all.begin(), all.end(), std::back_inserter(*sight_.attachments),
                 [&](const VolumeAttachment& one) { return one.node == node_; });
    return {};
  }

  Status take_volume(const std::string& name, const Result<ApiResponse>& answer) {
    sight_.claims[name] = "";
    if (not_found(answer)) return {};
    PersistentVolume volume;
    DROVER_TRY(into(volume, answer, "read volume " + name, parse_persistent_volume));
    sight_.claims[name] = volume.claim;
    return {};
  }

  const std::string node_;
  DrainSight sight_;
  std::set<std::string> draining_;
};

}  // namespace

Queries drain_queries(const Step& step, const Attempt& attempt) {
  Queries queries;
  for (Question& question : questions_of(step, attempt)) {
    queries.requests.push_back(std::move(question.request));
  }
  return queries;
}

Result<DrainSight> read_drain(const Step& step, const Attempt& attempt, const Answers& answers) {
  const std::vector<Question> questions = questions_of(step, attempt);
  Reading reading(step, attempt);
  for (size_t i = 0; i < questions.size(); ++i) {
    DROVER_TRY(reading.take(questions[i], answers.responses[i]));
  }
  return reading.sight();
}

}  // namespace drover::plans
