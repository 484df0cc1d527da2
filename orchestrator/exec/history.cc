#include "orchestrator/exec/history.h"

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/rollout/turns.h"

namespace drover::orchestrator {
namespace {

using plans::Step;
using plans::StepKind;
using Chain = std::vector<const Step*>;

/// Each node's steps, in the plan's order.
std::map<std::string, Chain> chains_of(const plans::Plan& plan) {
  std::map<std::string, Chain> chains;
  for (const Step& step : plan.steps) {
    if (!step.node.empty()) chains[step.node].push_back(&step);
  }
  return chains;
}

std::string hop_of(const Step& step) { return step.id.substr(0, step.id.find('/')); }

/// Takes the node out of service or gives it back, and changes nothing on it.
bool only_window(const Step& step) {
  return step.kind == StepKind::Cordon || step.kind == StepKind::Drain ||
         step.kind == StepKind::Uncordon;
}

class Reading {
 public:
  Reading(const RunMemory& memory, const std::set<std::string>& undone)
      : memory_(memory), undone_(undone) {}

  bool begun(const Step& step) const { return memory_.steps.contains(step.id); }
  bool done(const Step& step) const {
    const auto found = memory_.steps.find(step.id);
    return found != memory_.steps.end() && found->second.done() && !undone_.contains(step.id);
  }
  bool waived(const Step& step) const {
    const auto found = memory_.steps.find(step.id);
    return done(step) && found->second.waived;
  }
  bool may_have_changed(const Step& step) const {
    const auto found = memory_.steps.find(step.id);
    return found != memory_.steps.end() && found->second.may_have_changed;
  }
  bool deferred(const Step& step) const {
    const auto found = memory_.steps.find(step.id);
    return found != memory_.steps.end() && !found->second.deferred.empty();
  }
  /// Its newest cordon was followed by an uncordon that is done.
  bool given_back(const Chain& chain) const {
    std::uint64_t cordoned = 0;
    std::uint64_t uncordoned = 0;
    for (const Step* step : chain) {
      const auto found = memory_.steps.find(step->id);
      if (found == memory_.steps.end()) continue;
      if (step->kind == StepKind::Cordon) cordoned = found->second.begun_at;
      if (step->kind == StepKind::Uncordon && done(*step)) uncordoned = found->second.begun_at;
    }
    return uncordoned > cordoned;
  }
  bool started(const Chain& chain) const {
    return std::any_of(chain.begin(), chain.end(),
                       [&](const Step* step) { return !plans::is_staging(*step) && begun(*step); });
  }
  bool finished(const Chain& chain) const {
    return std::all_of(chain.begin(), chain.end(), [&](const Step* step) { return done(*step); });
  }

 private:
  const RunMemory& memory_;
  const std::set<std::string>& undone_;
};

/// Is the drain, or a change that stands after it, still to be done?
bool change_left(const Chain& chain, const Reading& reading) {
  const auto drain = std::find_if(chain.begin(), chain.end(), [](const Step* step) {
    return step->kind == StepKind::Drain || step->kind == StepKind::Cordon;
  });
  // A node is emptied only while it is cordoned: somebody may have uncordoned it meanwhile.
  return std::any_of(drain, chain.end(), [&](const Step* step) {
    const bool matters = changes_node(*step) || step->kind == StepKind::Drain;
    return matters && !reading.done(*step);
  });
}

void keep_of_chain(const Chain& chain, const Reading& reading, std::set<std::string>& kept) {
  const bool window_left = change_left(chain, reading);
  bool changes_kept = true;  // of the node's changes so far
  bool all_done = true;      // so far
  for (auto at = chain.begin(); at != chain.end(); ++at) {
    const Step& step = **at;
    bool keep = reading.done(step) && changes_kept;
    if (step.kind == StepKind::Uncordon) {
      keep = keep && all_done && !window_left;
    } else if (only_window(step)) {
      keep = reading.done(step) && !window_left;
    } else if (!step.mutates()) {
      keep = keep && std::any_of(std::next(at), chain.end(), [&](const Step* later) {
               return changes_node(*later) && reading.done(*later);
             });
    }
    if (keep || reading.waived(step)) kept.insert(step.id);
    if (changes_node(step)) changes_kept = changes_kept && keep;
    all_done = all_done && reading.done(step);
  }
}

}  // namespace

std::map<std::string, plans::Notes> notes_for(const Step& step,
                                              const std::map<std::string, plans::Notes>& notes) {
  std::map<std::string, plans::Notes> found;
  const std::string own = step.id.substr(0, step.id.rfind('/') + 1);
  for (auto at = notes.lower_bound(own); at != notes.end() && at->first.starts_with(own); ++at) {
    found.insert(*at);
  }
  std::vector<std::string> others = split_words(step.param("before"));  // of gates: their marks
  others.insert(others.end(), step.needs.begin(), step.needs.end());
  for (const std::string& other : others) {
    if (const auto at = notes.find(other); at != notes.end()) found.insert(*at);
  }
  return found;
}

bool changes_node(const Step& step) {
  return !step.node.empty() && step.mutates() && !plans::is_staging(step) && !only_window(step);
}

std::vector<const Step*> to_observe(const plans::Plan& plan, const RunMemory& memory) {
  const std::set<std::string> none;
  const Reading reading(memory, none);
  std::vector<const Step*> steps;
  for (const auto& [node, chain] : chains_of(plan)) {
    if (!reading.started(chain) || reading.finished(chain)) continue;
    for (const Step* step : chain) {
      const bool telling = plans::kind_of(step->kind).unknown == plans::UnknownPolicy::ObserveAgain;
      if (changes_node(*step) && telling && reading.done(*step)) steps.push_back(step);
    }
  }
  return steps;
}

History history_of(const plans::Plan& plan, const RunMemory& memory,
                   const std::set<std::string>& undone) {
  History history{.pauses = memory.pauses};
  const Reading reading(memory, undone);
  for (const auto& [id, step] : memory.steps) {
    history.attempts[id] = step.attempt;
    history.notes[id] = step.done() ? step.notes : step.before;
    if (!step.open.empty()) history.open[id] = step.open;
  }
  std::set<std::string> hops;  // of which node steps were begun: their preflight was passed
  for (const auto& [node, chain] : chains_of(plan)) {
    for (const Step* step : chain) {
      if (reading.begun(*step)) hops.insert(hop_of(*step));
      if (step->kind == StepKind::Cordon && reading.begun(*step)) history.windows.insert(node);
      if (reading.deferred(*step)) history.deferred.insert(node);
      if (changes_node(*step) && reading.may_have_changed(*step)) history.changed.insert(node);
    }
    if (reading.given_back(chain) && !history.changed.contains(node)) history.windows.erase(node);
    if (reading.finished(chain)) {
      history.windows.erase(node);
      history.deferred.erase(node);
      for (const Step* step : chain) history.kept.insert(step->id);
    } else {
      keep_of_chain(chain, reading, history.kept);
    }
  }
  for (const Step& step : plan.steps) {
    const bool passed = step.kind == StepKind::Preflight && hops.contains(hop_of(step)) &&
                        !undone.contains(step.id);
    if (step.node.empty() && (passed || reading.done(step))) history.kept.insert(step.id);
  }
  return history;
}

}  // namespace drover::orchestrator
