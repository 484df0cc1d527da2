#include "plans/steps/node_patch.h"

#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// The newest patch of this node: a step may change several.
const Sent* newest_patch(const Attempt& attempt, const Node& node) {
  for (auto sent = attempt.sent.rbegin(); sent != attempt.sent.rend(); ++sent) {
    const auto name = sent->params.find("node");
    if (name == sent->params.end() || name->second == node.name) return &*sent;
  }
  return nullptr;
}

// Somebody else changed the node before the patch came: it was read again since. The place of a
// taint that is not there any more makes a JSON patch invalid (422) before it can conflict (409).
bool came_too_late(const Sent& sent, const Node& node) {
  if (!sent.answer) return false;
  const auto version = sent.params.find("resourceVersion");
  const bool older = version != sent.params.end() && version->second != node.resource_version;
  return sent.answer->status == 409 || (sent.answer->status == 422 && older);
}

}  // namespace

ApiRequest patch_node(const Host& host, std::string body) {
  ApiRequest patch;
  patch.verb = Verb::Patch;
  patch.path = "/api/v1/nodes/" + percent_encode(host.node);
  patch.body = std::move(body);
  return patch;
}

std::string node_operations(const std::vector<std::string>& operations) {
  return fmt::format(
      R"([{{"op":"replace","path":"/metadata/resourceVersion","value":"{{resourceVersion}}"}},{}])",
      join(operations, ","));
}

std::string remove_pending_taint() { return R"({"op":"remove","path":"/spec/taints/{taint}"})"; }

Params patch_params(const Node& node) {
  Params params = {{"resourceVersion", node.resource_version}};
  if (const auto place = node.pending_taint()) params["taint"] = std::to_string(*place);
  return params;
}

Queries look_at_node(const Step& step) {
  Queries queries;
  queries.requests = {get("/api/v1/nodes/" + percent_encode(step.param("node")))};
  return queries;
}

std::optional<Decision> after_patch(const Attempt& attempt, const Node& node,
                                    const std::string& what) {
  const Sent* sent = newest_patch(attempt, node);
  if (sent == nullptr || came_too_late(*sent, node)) return std::nullopt;
  const Result<ApiResponse>& answer = sent->answer;
  if (answer && !answer->ok() && !api_trouble(answer)) return fail(refused(what, *answer));
  if (too_early(attempt, *sent)) return wait_for(fmt::format("the effect of: {}", what));
  return std::nullopt;
}

}  // namespace drover::plans
