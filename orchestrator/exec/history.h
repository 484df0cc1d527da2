#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/state/run_memory.h"
#include "plans/plan.h"
#include "plans/steps/kind.h"

namespace drover::orchestrator {

/// What a run did before this process took it up (S5). Empty for a run that begins.
struct History {
  std::set<std::string> kept;           ///< steps that are done and need not be looked at again
  std::set<std::string> windows;        ///< nodes that were cordoned and have not settled
  std::set<std::string> changed;        ///< nodes on which more than a cordon and a drain was begun
  std::map<std::string, int> attempts;  ///< the newest attempt's number
  std::map<std::string, plans::Notes> notes;  ///< plans::Attempt::earlier
  std::map<std::string, std::vector<OpenCommand>> open;
  std::set<std::string> deferred;  ///< nodes that were put off
  std::set<std::string> pauses;    ///< names of pauses that a person has ended
  std::set<std::string> again;     ///< steps that the operator asked for again
};

/// Of `notes` by step, those that a step may read: of its own node, of the steps that it
/// needs, and of those in its parameter `before`.
std::map<std::string, plans::Notes> notes_for(const plans::Step& step,
                                              const std::map<std::string, plans::Notes>& notes);

/// True when the step may change something on its node that an uncordon does not undo.
bool changes_node(const plans::Step& step);

/// The finished steps whose effect must be observed before they count as done: those of every node
/// whose chain was started and is unfinished, if looking can tell (S5).
std::vector<const plans::Step*> to_observe(const plans::Plan& plan, const RunMemory& memory);

/// What of the memory counts. What the operator left out stays left out. `undone`: observed to be
/// so no longer, or asked for again. A finished step is kept unless something before it in its
/// node's chain has to be done again; a gate also when a finished change after it shows that it was
/// passed; cordon and drain only while no change that stands after the drain is left to do.
History history_of(const plans::Plan& plan, const RunMemory& memory,
                   const std::set<std::string>& undone);

}  // namespace drover::orchestrator
