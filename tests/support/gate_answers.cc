#include "tests/support/gate_answers.h"

#include <stdexcept>

#include "inventory/base/text.h"
#include "tests/support/kube_json.h"

namespace drover::test {
namespace {

template <class Answer>
Answer found(const std::map<std::string, Answer>& known, const std::string& asked) {
  const auto at = known.find(asked);
  if (at == known.end()) throw std::out_of_range("not known here: " + asked);
  return at->second;
}

}  // namespace

plans::Answers GateWorld::to(const plans::Queries& queries) const {
  plans::Answers answers;
  for (const ApiRequest& request : queries.requests) {
    answers.responses.push_back(found(paths, request.path));
  }
  for (const LocalProgram& program : queries.programs) {
    answers.programs.push_back(found(programs, program.argv.back()));
  }
  for (const Command& command : queries.commands) {
    answers.commands.push_back(found(commands, split_lines(command.script).back()));
  }
  for (size_t i = 0; i < queries.pages.size(); ++i) answers.pages.push_back(page);
  return answers;
}

plans::Decision GateWorld::round(const plans::Step& step, plans::Attempt& attempt) const {
  const plans::Kind& kind = plans::kind_of(step.kind);
  const plans::Answers answers = to(kind.look(step, attempt));
  plans::Decision decision = kind.decide(step, attempt, answers);
  for (const auto& [name, value] : decision.remember) attempt.notes[name] = value;
  return decision;
}

plans::Decision GateWorld::rounds(const plans::Step& step, plans::Attempt& attempt) const {
  for (int i = 0; i < 10; ++i) {
    plans::Decision decision = round(step, attempt);
    const auto* wait = std::get_if<plans::Wait>(&decision.next);
    if (wait == nullptr || wait->pause.count() > 0) return decision;
  }
  throw std::runtime_error("it asks for ever");
}

std::string slices_path(const std::string& ns, const std::string& service) {
  return "/apis/discovery.k8s.io/v1/namespaces/" + ns +
         "/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D" + service;
}

Result<ApiResponse> none_of(const std::string& kind) { return ok(list_json(kind, {})); }

Result<ApiResponse> none_at(const std::string& path) {
  if (path == "/metrics") return ok("");
  static const std::map<std::string, std::string> kinds = {
      {"nodes", "Node"},
      {"pods", "Pod"},
      {"replicasets", "ReplicaSet"},
      {"replicationcontrollers", "ReplicationController"},
      {"volumeattachments", "VolumeAttachment"},
      {"daemonsets", "DaemonSet"},
      {"deployments", "Deployment"},
      {"statefulsets", "StatefulSet"},
      {"poddisruptionbudgets", "PodDisruptionBudget"},
      {"validatingwebhookconfigurations", "ValidatingWebhookConfiguration"},
      {"mutatingwebhookconfigurations", "MutatingWebhookConfiguration"},
      {"endpointslices", "EndpointSlice"},
      {"apiservices", "APIService"}};
  const std::string resource = path.substr(0, path.find('?'));
  return none_of(kinds.at(resource.substr(resource.rfind('/') + 1)));
}

GateWorld quiet_world() {
  Node node;
  node.name = "w1";
  node.resource_version = "77";
  node.ready = true;
  node.kubelet_version = "v1.33.13";
  GateWorld world;
  world.paths = {{kNodeW1, ok(json_of(node))},
                 {kPodsW1, none_of("Pod")},
                 {kBudgets, none_of("PodDisruptionBudget")},
                 {kDaemonSets, none_of("DaemonSet")},
                 {kValidating, none_of("ValidatingWebhookConfiguration")},
                 {kMutating, none_of("MutatingWebhookConfiguration")},
                 {kApiServices, none_of("APIService")},
                 {"/metrics", none_at("/metrics")}};
  return world;
}

}  // namespace drover::test
