#include "plans/steps/pending_taint.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "plans/steps/node_patch.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// Of the step's requests.
enum Patch : size_t { kAppend, kFirst, kRemove };

constexpr const char* kRefused = "pending_refused";  // note: nodes whose patch was refused

constexpr const char* kTaintValue = R"({"key":"drover.local/pending","effect":"PreferNoSchedule"})";

ApiRequest patch_any_node(std::string body) {
  ApiRequest patch;
  patch.verb = Verb::Patch;
  patch.path = "/api/v1/nodes/{node}";
  patch.body = std::move(body);
  return patch;
}

bool is_off(const Attempt& attempt) { return attempt.note(kPendingMode) == "off"; }

std::vector<std::string> nodes_concerned(const Step& step, const Attempt& attempt) {
  const std::string& noted = attempt.note(kPendingNodes);
  return split_words(noted.empty() ? step.param(kPendingNodes) : noted);
}

// A node that takes no pods at all needs no taint.
bool as_it_should_be(const Node& node, bool off) {
  const bool tainted = node.pending_taint().has_value();
  return off ? !tainted : tainted || node.unschedulable;
}

Send::Instance patch_of(const Node& node, bool off) {
  Params params = patch_params(node);
  params["node"] = node.name;
  return {off ? kRemove : node.taints.empty() ? kFirst : kAppend, std::move(params)};
}

Decision give_up_on(const std::vector<std::string>& nodes, const Error& error,
                    const Attempt& attempt) {
  Decision decision = wait_for("the next look", std::chrono::milliseconds{0});
  decision.notices = {{"pending-taint",
                       fmt::format("the taint {} of {} is left as it is: {}", kPendingTaint,
                                   some_of(nodes), error.message),
                       {}}};
  decision.remember[kRefused] = attempt.note(kRefused) + " " + join(nodes, " ");
  return decision;
}

}  // namespace

void add_pending_taint(Step& step, const std::vector<std::string>& workers) {
  step.params[kPendingNodes] = join(workers, " ");
  if (workers.empty()) return;
  step.requests = {patch_any_node(node_operations({fmt::format(
                       R"({{"op":"add","path":"/spec/taints/-","value":{}}})", kTaintValue)})),
                   patch_any_node(node_operations({fmt::format(
                       R"({{"op":"add","path":"/spec/taints","value":[{}]}})", kTaintValue)})),
                   patch_any_node(node_operations({remove_pending_taint()}))};
}

std::optional<Decision> mark_pending(const Step& step, const Attempt& attempt,
                                     const std::vector<Node>& nodes) {
  const bool off = is_off(attempt);
  const std::vector<std::string> names = nodes_concerned(step, attempt);
  const std::vector<std::string> given_up = split_words(attempt.note(kRefused));
  const std::set<std::string> skip(given_up.begin(), given_up.end());
  const std::set<std::string> wanted(names.begin(), names.end());
  Send send;
  std::optional<Decision> waits;
  for (const Node& node : nodes) {
    if (!wanted.contains(node.name) || skip.contains(node.name)) continue;
    if (as_it_should_be(node, off)) continue;
    auto after = after_patch(attempt, node, fmt::format("taint node {}", node.name));
    if (!after) {
      send.instances.push_back(patch_of(node, off));
    } else if (const auto* failed = std::get_if<Fail>(&after->next)) {
      return give_up_on({node.name}, failed->error, attempt);
    } else {
      waits = std::move(after);
    }
  }
  if (send.instances.empty()) return waits;
  Decision decision;
  if (!off) send.before = {{kPendingMode, "off"}};  // there was none before
  decision.next = std::move(send);
  return decision;
}

}  // namespace drover::plans
