#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/plan_blocks.h"
#include "orchestrator/ui/rollout_text.h"
#include "orchestrator/ui/views.h"
#include "plans/steps/kind.h"

namespace drover::orchestrator {
namespace {

using plans::ForeseenDrain;
using plans::Plan;
using plans::Step;

constexpr std::size_t kTitleColumn = 25;  // column in which titles begin, behind the kinds
constexpr std::size_t kMostNames = 20;    // of evicted pods; PLAN.json has all

std::string_view kind_name(const Step& step) { return plans::kind_of(step.kind).name; }

bool part_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// `text` with the name `node` replaced where it stands as a word of its own.
std::string with_node(std::string text, const std::string& node, std::string_view by) {
  if (node.empty()) return text;
  for (std::size_t at = text.find(node); at != std::string::npos; at = text.find(node, at)) {
    const std::size_t end = at + node.size();
    const bool word = (at == 0 || !part_of_name(text[at - 1])) &&
                      (end == text.size() || !part_of_name(text[end]));
    if (word) text.replace(at, node.size(), by);
    at += word ? by.size() : 1;
  }
  return text;
}

// A script as it is, line by line; only what acts on a terminal is made visible (S13).
std::string verbatim(std::string_view text, std::size_t indent) {
  constexpr std::size_t kWhole = std::numeric_limits<std::size_t>::max();
  std::string out;
  for (const std::string& line : split_lines(text)) {
    out += std::string(indent, ' ');
    std::string_view rest = line;
    while (true) {
      const std::size_t tab = std::min(rest.find('\t'), rest.size());
      out += sanitise(rest.substr(0, tab), kWhole);
      if (tab == rest.size()) break;
      out += '\t';
      rest.remove_prefix(tab + 1);
    }
    out += '\n';
  }
  return out;
}

class PlanText {
 public:
  PlanText(const Plan& plan, const TextStyle& style, bool commands)
      : plan_(plan), style_(style), commands_(commands), blocks_(plan_blocks(plan)) {}

  std::string header() const;
  std::string preamble() const;
  std::string steps();
  std::string drains_without_steps() const;

 private:
  std::string block_title(const PlanBlock& block) const;
  std::string whole(const PlanBlock& block);
  std::string preparation(const PlanBlock& block);
  std::string like_another(const PlanBlock& block, const PlanBlock& other);
  std::string step_text(const Step& step, const std::string& title);
  std::string foreseen(const Step& step) const;
  std::string drain_text(const ForeseenDrain& drain) const;
  std::string effects(const Step& step) const;
  std::size_t width() const { return static_cast<std::size_t>(style_.width); }
  std::string paint_head(std::string text, Colour colour) const {
    return paint(text, colour, style_.color);
  }

  const Plan& plan_;
  const TextStyle& style_;
  bool commands_;
  std::vector<PlanBlock> blocks_;
  std::set<std::string> reasons_;  ///< those given already are not repeated
};

std::string PlanText::header() const {
  std::string out = paint_head(fmt::format("Cluster {}: ", sanitise(plan_.cluster)), Colour::Bold);
  if (plan_.from != plan_.target && !plan_.from.empty()) out += sanitise(plan_.from) + " -> ";
  out += sanitise(plan_.target) + '\n';
  if (plan_.steps.empty()) return out;
  std::size_t leaders = 0;
  std::size_t workers = 0;
  for (const PlanBlock& block : blocks_) {
    leaders += block.kind == PlanBlock::Kind::ControlPlane;
    workers += block.kind == PlanBlock::Kind::Worker;
  }
  std::vector<std::string> order;
  if (leaders > 0) order.push_back("the control plane");
  if (workers > 0) order.push_back(workers == 1 ? "1 worker" : fmt::format("{} workers", workers));
  const std::string sum =
      fmt::format("{} step{} on {} node{}, about {}: {}{}", plan_.steps.size(),
                  plan_.steps.size() == 1 ? "" : "s", leaders + workers,
                  leaders + workers == 1 ? "" : "s", format_duration(plan_estimate(plan_)),
                  join(order, ", then "), workers > 1 ? " " + width_text(plan_) : "");
  out += hang("", sum, 2, width());
  for (const std::string& line : rollout_lines(plan_)) out += hang("", line, 2, width());
  return out;
}

std::string PlanText::preamble() const {
  return "\nEvery node command runs as root in this frame:\n" + verbatim(plan_.preamble, 6);
}

std::string PlanText::block_title(const PlanBlock& block) const {
  std::string title;
  switch (block.kind) {
    case PlanBlock::Kind::Preparation:
      title = "Preparation";
      break;
    case PlanBlock::Kind::ControlPlane:
      title = block.node + ", control plane";
      break;
    case PlanBlock::Kind::Worker:
      title = block.node + ", worker";
      break;
    case PlanBlock::Kind::Cluster:
      title = "Cluster";
      break;
  }
  return paint_head(title, Colour::Bold) +
         fmt::format(", about {}", format_duration(block.estimate));
}

std::string PlanText::drain_text(const ForeseenDrain& drain) const {
  const auto lines = [&](const std::string& text) {
    return hang(std::string(kTitleColumn, ' ') + "-", text, kTitleColumn + 2, width());
  };
  const auto some = [](const std::vector<std::string>& all) {
    std::vector<std::string> names;
    for (const std::string& name : all) {
      if (names.size() < kMostNames) names.push_back(sanitise(name));
    }
    if (names.size() < all.size())
      names.push_back(fmt::format("and {} more", all.size() - names.size()));
    return join(names, ", ");
  };
  const auto about = [&](const char* what, const std::vector<std::string>& names) {
    return names.empty() ? std::string() : lines(fmt::format("{} {}", what, some(names)));
  };
  std::string out = lines("evicts " + (drain.evicts.empty() ? "nothing" : some(drain.evicts)));
  out += about("goes past", drain.bypasses);
  out += about("deletes for good", drain.gone_for_good);
  out += about("loses the emptyDir data of", drain.loses_data);
  out += about("takes away, until it runs elsewhere, the only pod of its controller:",
               drain.single_replicas);
  for (const std::string& reason : drain.pending) out += lines("waits for " + sanitise(reason));
  for (const std::string& reason : drain.blocked_by) out += lines("blocked by " + sanitise(reason));
  return out;
}

// Foreseen drains name the Kubernetes node, steps the inventory's host.
std::string PlanText::foreseen(const Step& step) const {
  if (step.kind != plans::StepKind::Drain) return "";
  const std::string& node = step.param("node").empty() ? step.node : step.param("node");
  const auto drain = std::find_if(plan_.drains.begin(), plan_.drains.end(),
                                  [&](const ForeseenDrain& d) { return d.node == node; });
  return drain == plan_.drains.end() ? "" : drain_text(*drain);
}

std::string PlanText::effects(const Step& step) const {
  std::string out;
  for (const Command& command : step.commands) {
    out += fmt::format("      on {}:\n", step.host) + verbatim(command.script, 10);
  }
  for (const ApiRequest& request : step.requests) {
    out += fmt::format("      {} {}\n", verb_name(request.verb), sanitise(request.path, 2000));
    out += verbatim(request.body, 10);
  }
  return out;
}

std::string PlanText::step_text(const Step& step, const std::string& title) {
  std::string text = join(split_words(sanitise(title)), " ");
  const std::size_t title_ends = text.size();
  const bool news = reasons_.insert(fmt::format("{}\n{}", kind_name(step), step.why)).second;
  if (news) text += ": " + join(split_words(sanitise(step.why)), " ");
  const std::string head = fmt::format("  {}", kind_name(step));
  std::string out = style_.color ? hang_dim(head, text, title_ends, kTitleColumn, width())
                                 : hang(head, text, kTitleColumn, width());
  out += foreseen(step);
  if (commands_) out += effects(step);
  return out;
}

std::string PlanText::whole(const PlanBlock& block) {
  std::string out = '\n' + block_title(block) + '\n';
  for (const Step* step : block.steps) out += step_text(*step, step->title);
  return out;
}

// Steps that are the same on every node but for its name are told once.
std::string PlanText::preparation(const PlanBlock& block) {
  if (commands_) return whole(block);
  std::string out = '\n' + block_title(block) + '\n';
  std::set<std::string> told;
  for (const Step* step : block.steps) {
    const std::string common = with_node(step->title, step->node, "each node");
    const auto same = [&](const Step* other) {
      return other->kind == step->kind && other->why == step->why &&
             with_node(other->title, other->node, "each node") == common;
    };
    const auto count = std::count_if(block.steps.begin(), block.steps.end(), same);
    if (!told.insert(fmt::format("{}\n{}\n{}", kind_name(*step), common, step->why)).second) {
      continue;
    }
    std::string title = count == 1 ? step->title : common;
    if (count > 1 && common == step->title) title += " on each node";
    out += step_text(*step, title);
  }
  return out;
}

std::string PlanText::like_another(const PlanBlock& block, const PlanBlock& other) {
  std::string lines;
  for (std::size_t i = 0; i < block.steps.size(); ++i) {
    const Step& step = *block.steps[i];
    const Step& model = *other.steps[i];
    const bool same =
        step.why == model.why && foreseen(step).empty() &&
        with_node(step.title, step.node, "\n") == with_node(model.title, model.node, "\n");
    if (!same) lines += step_text(step, step.title);
  }
  return fmt::format("\n{}: the same {} steps as {}{}\n", block_title(block), block.steps.size(),
                     other.node, lines.empty() ? "" : "; its own:") +
         lines;
}

std::string PlanText::steps() {
  std::string out;
  const PlanBlock* model = nullptr;  // the worker whose steps were told last
  const auto same_kinds = [](const PlanBlock& a, const PlanBlock& b) {
    return std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
                      [](const Step* x, const Step* y) { return x->kind == y->kind; });
  };
  for (const PlanBlock& block : blocks_) {
    if (block.kind == PlanBlock::Kind::Preparation) {
      out += preparation(block);
    } else if (block.kind == PlanBlock::Kind::Worker && !commands_ && model != nullptr &&
               same_kinds(block, *model)) {
      out += like_another(block, *model);
    } else {
      out += whole(block);
      if (block.kind == PlanBlock::Kind::Worker) model = &block;
    }
  }
  return out;
}

std::string PlanText::drains_without_steps() const {
  if (!plan_.steps.empty() || plan_.drains.empty()) return "";
  std::string out = '\n' + paint_head("Drains foreseen", Colour::Bold) + '\n';
  for (const ForeseenDrain& drain : plan_.drains) {
    out += fmt::format("  {}\n", sanitise(drain.node)) + drain_text(drain);
  }
  return out;
}

std::string ending(const Plan& plan, const TextStyle& style, std::string_view apply) {
  std::set<std::string> blockers;
  for (const plans::Verdict& verdict : plan.verdicts) {
    if (verdict.severity == plans::Severity::Blocker) blockers.insert(verdict.check);
  }
  if (!blockers.empty()) {
    const std::string text = fmt::format(
        "Blocked: nothing can be changed yet. Remove what blocks ({}), then plan again.",
        fmt::join(blockers, ", "));
    return '\n' + hang("", text, 0, static_cast<std::size_t>(style.width));
  }
  if (plan.steps.empty()) {
    return fmt::format("\nNothing to do: every node is at {}.\n", sanitise(plan.target));
  }
  if (apply.empty()) return "";
  return fmt::format("\nNothing has been changed. To carry this out:\n  {}\n", apply);
}

}  // namespace

std::string plan_text(const Plan& plan, const TextStyle& style, bool commands,
                      std::string_view apply) {
  PlanText text(plan, style, commands);
  std::string out = text.header();
  const std::string verdicts = verdicts_text(plan.verdicts, style);
  if (!verdicts.empty()) out += '\n' + verdicts;
  if (commands && !plan.steps.empty()) out += text.preamble();
  out += text.steps();
  out += text.drains_without_steps();
  return out + ending(plan, style, apply);
}

std::string steps_text(const Plan& plan, const TextStyle& style) {
  PlanText text(plan, style, true);
  return text.preamble().substr(1) + text.steps();
}

}  // namespace drover::orchestrator
