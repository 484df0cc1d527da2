#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "orchestrator/ui/describe_parts.h"
#include "orchestrator/ui/describe_text.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/usage_text.h"

namespace drover::orchestrator {
namespace {

using plans::PodDescription;
using Kind = ContainerDetail::Kind;
using State = ContainerDetail::State;

std::string head(const PodDescription& described, bool color) {
  const Pod& pod = described.pod.pod;
  const bool well = described.troubles.empty();
  return paint("Pod " + sanitise(pod.full_name()), Colour::Bold, color) + ": " +
         paint(sanitise(described.status), well ? Colour::Green : Colour::Red, color) +
         (pod.node.empty() ? ", on no node" : " on " + sanitise(pod.node)) + '\n';
}

std::string amount(const std::string& text, Quantity quantity) {
  return quantity == Quantity() ? "-" : text;
}

std::string resources_text(const Resources& of) {
  return fmt::format("cpu {}, memory {}", amount(cpu_text(of.cpu), of.cpu),
                     amount(memory_text(of.memory), of.memory));
}

/// What a drain does to it; what tells nothing of that is left out.
std::string volumes_text(const std::vector<PodVolume>& volumes) {
  std::vector<std::string> texts;
  for (const PodVolume& volume : volumes) {
    if (volume.kind == "emptyDir") texts.push_back(volume.name + " (emptyDir: lost with the pod)");
    if (volume.kind == "hostPath") texts.push_back(volume.name + " (hostPath: of this node only)");
    if (!volume.claim.empty())
      texts.push_back(fmt::format("{} (claim {}: detached here before it is attached elsewhere)",
                                  volume.name, volume.claim));
  }
  return join(texts, ", ");
}

std::string kind_word(Kind kind) {
  switch (kind) {
    case Kind::App:
      return "";
    case Kind::Init:
      return "init";
    case Kind::Sidecar:
      return "sidecar";
    case Kind::Ephemeral:
      return "ephemeral";
  }
  return "";
}

std::string state_word(const ContainerDetail& one, plans::Timestamp now) {
  switch (one.state) {
    case State::Unknown:
      return "-";
    case State::Waiting:
      return one.reason.empty() ? "waiting" : one.reason;
    case State::Running:
      return "running " + age_since(one.running_since, now);
    case State::Ended:
      return one.end->reason.empty() ? "ended" : one.end->reason;
  }
  return "-";
}

std::string end_word(const ContainerDetail& one, plans::Timestamp now) {
  const auto& end = one.last_end ? one.last_end : one.end;
  if (!end) return "-";
  std::string text = fmt::format("{} {}", end->exit_code, end->reason);
  const std::string age = age_since(end->finished, now);
  return age == "-" ? text : text + ", " + age + " ago";
}

Colour colour_of(const ContainerDetail& one) {
  const bool failed = one.end && one.end->exit_code != 0;
  if (one.state == State::Waiting || failed) return Colour::Red;
  return one.state == State::Running && !one.ready ? Colour::Yellow : Colour::Plain;
}

std::string containers_part(const PodDescription& described, plans::Timestamp now, bool color) {
  std::vector<std::vector<Cell>> rows = {
      text_row({"CONTAINER", "KIND", "STATE", "READY", "RESTARTS", "LAST END", "IMAGE"})};
  for (const ContainerDetail& one : described.pod.containers) {
    const std::string kind = kind_word(one.kind);
    rows.push_back(
        text_row({sanitise(one.name), kind.empty() ? "-" : kind, sanitise(state_word(one, now)),
                  one.ready ? "yes" : "no", std::to_string(one.restarts),
                  sanitise(end_word(one, now)), sanitise(one.image)},
                 colour_of(one)));
  }
  return heading("Containers", color) + table(rows, color);
}

/// What a drain of its node would do to it.
std::string drain_part(const PodDescription& described, bool color) {
  const Pod& pod = described.pod.pod;
  if (pod.node.empty()) return "";
  std::string text = heading("Drain of " + sanitise(pod.node), color);
  const plans::ForeseenDrain& drain = described.drain;
  const bool stays = drain.evicts.empty() && drain.blocked_by.empty();
  if (pod.deleting) {
    text += "  it is going already\n";
  } else if (pod.mirror) {
    text += "  it stays: a static pod of the node\n";
  } else if (stays) {
    text += "  it stays: its DaemonSet would start it again at once\n";
  } else if (!drain.evicts.empty()) {
    text += "  it would be evicted\n";
  }
  for (const DrainLine& line : drain_lines(drain)) {
    text += "  " + paint(line.text, line.colour, color) + '\n';
  }
  return text;
}

}  // namespace

std::string pod_description_text(const PodDescription& described, plans::Timestamp now,
                                 bool color) {
  const PodDetail& pod = described.pod;
  std::string text = head(described, color);
  text += troubles_text(described.troubles, now, color);
  text += field_line("Owner", join(described.owners, " > "));
  if (described.owners.empty()) text += field_line("Owner", "none: nothing starts it again");
  text += field_line("Age", age_since(pod.created, now));
  text += field_line("Requests", resources_text(described.requests));
  text += field_line("Limits", resources_text(described.limits));
  text += field_line("Volumes", volumes_text(pod.volumes));
  for (const std::string& budget : described.budgets) text += field_line("Budget", budget);
  return text + containers_part(described, now, color) + drain_part(described, color) +
         events_part(described.events, now, color);
}

}  // namespace drover::orchestrator
