#include <fmt/format.h>

#include "inventory/base/text.h"
#include "orchestrator/ui/describe_parts.h"
#include "orchestrator/ui/describe_text.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/usage_text.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using plans::NodeDescription;
using plans::PodRow;

std::string head(const NodeDescription& described, bool color) {
  const Node& node = described.node.node;
  const std::string state = node.ready ? "Ready" : "NotReady";
  std::string text = "Node " + sanitise(node.name);
  if (!described.host.empty() && described.host != node.name)
    text += fmt::format(" (host {})", sanitise(described.host));
  return paint(text, Colour::Bold, color) + ": " +
         paint(state, node.ready ? Colour::Green : Colour::Red, color) +
         (node.unschedulable ? ", " + paint("cordoned", Colour::Yellow, color) : "") + '\n';
}

std::string cordon_text(const plans::CordonedBy& cordon) {
  if (!cordon.cordoned) return "";
  if (cordon.run.empty()) return "cordoned, not by Drover";
  return fmt::format("cordoned by Drover's run {} ({})", cordon.run,
                     cordon.purpose.empty() ? "upgrade" : cordon.purpose);
}

std::string taints_text(const std::vector<NodeTaint>& taints, plans::Timestamp now) {
  std::vector<std::string> texts;
  for (const NodeTaint& taint : taints) {
    std::string text =
        taint.key + (taint.value.empty() ? "" : '=' + taint.value) + ':' + taint.effect;
    const std::string age = age_since(taint.since, now);
    if (age != "-") text += " for " + age;
    texts.push_back(std::move(text));
  }
  return join(texts, ", ");
}

std::string room_text(const NodeDescription& described) {
  const Resources& room = described.node.allocatable;
  const Resources& used = described.requests;
  std::string pods = std::to_string(described.pods.size());
  if (described.node.max_pods > 0) pods += fmt::format(" of {}", described.node.max_pods);
  return fmt::format("cpu {} of {} ({}%), memory {} of {} ({}%), pods {}", cpu_text(used.cpu),
                     cpu_text(room.cpu), percent_of(used.cpu, room.cpu), memory_text(used.memory),
                     memory_text(room.memory), percent_of(used.memory, room.memory), pods);
}

std::string both(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() ? one + other : one + ", " + other;
}

std::string conditions_text(const std::vector<ObjectCondition>& conditions, plans::Timestamp now) {
  std::vector<std::string> texts;
  for (const ObjectCondition& one : conditions) {
    texts.push_back(fmt::format("{} {} for {}", one.type, one.status, age_since(one.since, now)));
  }
  return join(texts, ", ");
}

std::string drain_part(const NodeDescription& described, bool color) {
  const plans::ForeseenDrain& drain = described.drain;
  std::string text = heading("Drain", color);
  text += fmt::format("  it would evict {} and leave {} of DaemonSets\n",
                      plural(drain.evicts.size(), "pod"), drain.ignores.size());
  for (const DrainLine& line : drain_lines(drain)) {
    text += "  " + paint(line.text, line.colour, color) + '\n';
  }
  if (drain.blocked_by.empty() && drain.pending.empty())
    text += "  " + paint("nothing blocks it", Colour::Green, color) + '\n';
  return text;
}

Colour colour_of(const PodRow& pod) {
  const bool well =
      pod.status == "Running" || pod.status == "Completed" || pod.status == "Succeeded";
  if (!well) return pod.status == "Terminating" ? Colour::Yellow : Colour::Red;
  return pod.status == "Running" && pod.ready < pod.containers ? Colour::Yellow : Colour::Plain;
}

std::string pods_part(const NodeDescription& described, plans::Timestamp now, bool color) {
  if (described.pods.empty()) return "\nNo pods are on it.\n";
  std::vector<std::vector<Cell>> rows = {
      text_row({"NAMESPACE", "POD", "STATUS", "READY", "RESTARTS", "AGE", "CPU REQUESTED",
                "MEMORY REQUESTED"})};
  for (const PodRow& pod : described.pods) {
    rows.push_back(text_row(
        {sanitise(pod.ns), sanitise(pod.name), sanitise(pod.status),
         fmt::format("{}/{}", pod.ready, pod.containers), std::to_string(pod.restarts),
         age_since(pod.created, now), cpu_text(pod.requests.cpu), memory_text(pod.requests.memory)},
        colour_of(pod)));
  }
  return heading("Pods", color) + table(rows, color);
}

}  // namespace

std::string node_description_text(const NodeDescription& described, plans::Timestamp now,
                                  bool color) {
  const NodeDetail& node = described.node;
  std::string text = head(described, color);
  text += troubles_text(described.troubles, now, color);
  text += field_line("Kubelet", both(node.node.kubelet_version, node.node.container_runtime));
  text += field_line("System", both(node.os, node.kernel.empty() ? "" : "Linux " + node.kernel));
  text += field_line("Address", node.address);
  text += field_line("Age", age_since(node.created, now));
  text += field_line("Cordon", cordon_text(described.cordon), Colour::Yellow, color);
  text += field_line("Taints", taints_text(node.taints, now));
  text += field_line("Conditions", conditions_text(node.conditions, now));
  text += field_line("Requested", room_text(described));
  return text + drain_part(described, color) + pods_part(described, now, color) +
         events_part(described.events, now, color);
}

}  // namespace drover::orchestrator
