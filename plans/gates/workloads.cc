#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "inventory/base/text.h"
#include "inventory/cluster/pod.h"
#include "inventory/cluster/workload.h"
#include "plans/gates/baseline.h"
#include "plans/gates/condition.h"
#include "plans/gates/paths.h"
#include "plans/steps/reading.h"

/// The Deployments and StatefulSets that had pods on a node when it was cordoned: how many of their
/// pods were available then, and whether as many are again.
namespace drover::plans {
namespace {

constexpr const char* kOnNode = "workloads_on_node";  // note: subjects of which lists are asked for

struct WorkloadKind {
  const char* kind;
  const char* path;
  const char* word;  // what its subjects begin with
};

constexpr std::array<WorkloadKind, 2> kWorkloadKinds = {
    {{"Deployment", "deployments", "deployment"}, {"StatefulSet", "statefulsets", "statefulset"}}};

// A ReplicaSet of a Deployment is called DEPLOYMENT-HASH; one that stands alone finds no Deployment
// of that name.
std::optional<std::string> subject_of(const Pod& pod) {
  if (!pod.controller || pod.mirror || pod.finished()) return std::nullopt;
  const std::string& name = pod.controller->name;
  if (pod.controller->kind == "StatefulSet") {
    return fmt::format("statefulset/{}/{}", pod.ns, name);
  }
  const size_t dash = name.rfind('-');
  if (pod.controller->kind != "ReplicaSet" || dash == std::string::npos) return std::nullopt;
  return fmt::format("deployment/{}/{}", pod.ns, name.substr(0, dash));
}

std::string list_path(const WorkloadKind& kind, std::string_view ns) {
  return fmt::format("/apis/apps/v1/namespaces/{}/{}", percent_encode(ns), kind.path);
}

// "deployment", "default", "web".
std::array<std::string, 3> parts_of(const std::string& subject) {
  const size_t first = subject.find('/');
  const size_t second = subject.find('/', first + 1);
  if (second == std::string::npos) return {};
  return {subject.substr(0, first), subject.substr(first + 1, second - first - 1),
          subject.substr(second + 1)};
}

// One list a namespace and kind: few, however many workloads the cluster has.
std::vector<std::pair<const WorkloadKind*, std::string>> lists_of(
    const std::vector<std::string>& subjects) {
  std::vector<std::pair<const WorkloadKind*, std::string>> lists;
  for (const WorkloadKind& kind : kWorkloadKinds) {
    std::set<std::string> namespaces;
    for (const std::string& subject : subjects) {
      const auto [word, ns, name] = parts_of(subject);
      if (word == kind.word) namespaces.insert(ns);
    }
    for (const std::string& ns : namespaces) lists.emplace_back(&kind, list_path(kind, ns));
  }
  return lists;
}

// By subject, among `subjects`.
Result<std::map<std::string, Workload>> read_workloads(const Seen& seen,
                                                       const std::vector<std::string>& subjects) {
  const std::set<std::string> wanted(subjects.begin(), subjects.end());
  std::map<std::string, Workload> found;
  for (const auto& [kind, path] : lists_of(subjects)) {
    const Result<ApiResponse>& answer = seen.get(path);
    if (!answer) return answer.error();
    if (!answer->ok()) return refused(fmt::format("list {}", kind->path), *answer);
    DROVER_TRY_ASSIGN(const std::vector<Workload> list,
                      parse_workload_list(answer->body, kind->kind));
    for (const Workload& workload : list) {
      const std::string subject = fmt::format("{}/{}/{}", kind->word, workload.ns, workload.name);
      if (wanted.contains(subject)) found.emplace(subject, workload);
    }
  }
  return found;
}

std::vector<std::string> subjects_of(const Marks& marks) {
  std::vector<std::string> subjects;
  for (const auto& [subject, available] : marks) subjects.push_back(subject);
  return subjects;
}

}  // namespace

Queries look_at_workloads(const Step& step, const Attempt& attempt) {
  Queries queries;
  std::vector<std::string> subjects;
  if (const auto before = marks_before(step, attempt, "workloads")) {
    subjects = subjects_of(*before);
  } else if (!step.param("baselines").empty()) {
    queries.requests.push_back(get(pods_of_node_path(step)));
    subjects = split_words(attempt.note(kOnNode));
  }
  for (const auto& [kind, path] : lists_of(subjects)) queries.requests.push_back(get(path));
  return queries;
}

Result<Findings> judge_workloads(const GateInput& input) {
  Findings findings;
  if (input.before == nullptr) return findings;
  DROVER_TRY_ASSIGN(const auto workloads, read_workloads(input.seen, subjects_of(*input.before)));
  for (const auto& [subject, workload] : workloads) {
    const int due = std::min(input.before->at(subject), workload.wanted);
    if (workload.available >= due) continue;
    findings.unwell.push_back({subject, fmt::format("{} ({} of {} available)", workload.full_name(),
                                                    workload.available, due)});
  }
  return findings;
}

Result<Marking> mark_workloads(const GateInput& input) {
  const std::string& node = input.step.param("node");
  DROVER_TRY_ASSIGN(const std::vector<Pod> pods,
                    read_answer(input.seen.get(pods_of_node_path(input.step)),
                                "list the pods of " + node, parse_pod_list));
  std::set<std::string> subjects;
  for (const Pod& pod : pods) {
    if (const auto subject = subject_of(pod)) subjects.insert(*subject);
  }
  const std::vector<std::string> list(subjects.begin(), subjects.end());
  Marking marking;
  marking.remember[kOnNode] = join(list, " ");
  for (const auto& [kind, path] : lists_of(list)) {
    if (input.seen.asked(path)) continue;
    marking.lacks = fmt::format("the workloads of {} to be counted", node);
    return marking;
  }
  DROVER_TRY_ASSIGN(const auto workloads, read_workloads(input.seen, list));
  for (const auto& [subject, workload] : workloads) marking.marks[subject] = workload.available;
  return marking;
}

}  // namespace drover::plans
