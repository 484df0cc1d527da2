#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/state/event_notes.h"
#include "orchestrator/state/run_list.h"

/// How a run stands: what its journal, its plan and its events tell together. Pure.
namespace drover::orchestrator {

enum class RunState {
  Running,  ///< a process has it
  Succeeded,
  Failed,
  Interrupted,
  Paused,
  Cancelled,
  Killed,      ///< its process went without a word
  NotBegun,    ///< no step was begun
  Unreadable,  ///< its journal is damaged
};
std::string_view run_state_name(RunState state);  ///< "running", "not-begun", ...

/// What the journal says of a node's cordon.
enum class CordonState {
  No,
  Ours,    ///< this run cordoned it
  Others,  ///< it was cordoned before, and is left so
  Unsure,  ///< a change of it was begun, and how it ended is not known
};
std::string_view cordon_name(CordonState state);  ///< "no", "yes", "before", "unsure"

struct StepStanding {
  std::string id;
  std::string kind;   ///< last part of the id
  std::string node;   ///< "" for cluster steps
  std::string host;   ///< whose shell it uses; "": none, or without plan
  std::string title;  ///< "" without plan
  std::vector<std::string> needs;
  bool has_output = false;           ///< its output lies in the run's folder
  std::optional<StepMemory> memory;  ///< absent: not begun
  std::string waiting_for;           ///< of a step that is running
  std::string remedy;                ///< of a step that failed

  bool done() const { return memory && memory->done(); }
  bool failed() const;
  /// It found no end in time, and its node was given back: it comes again at the end.
  bool put_off() const;
  /// Begun and not ended: it is running, or was when its process went.
  bool open() const { return memory && !memory->status; }
};

struct NodeStanding {
  std::string node;  ///< "": the cluster's own steps
  std::size_t done = 0;
  std::size_t total = 0;
  const StepStanding* at =
      nullptr;         ///< failed, else open, else put off, else the next to do; nullptr: all done
  bool begun = false;  ///< a step beyond staging was begun
  CordonState cordon = CordonState::No;
};

struct Standing {
  std::string run;
  std::string cluster;
  std::string folder;
  std::string from;  ///< "" without plan, like `target`
  std::string target;
  std::string work;  ///< of a node command: "node drain w1"
  RunState state = RunState::NotBegun;
  bool superseded = false;
  std::optional<Holder> holder;
  std::string began;  ///< time of the first record; "": none
  std::string last;   ///< time of the newest record
  std::uint64_t resumes = 0;
  std::string upgrade_file;
  std::vector<StepStanding> steps;  ///< in the plan's order; without plan, those that were begun
  std::vector<std::string> warnings;
  std::string reason;   ///< why it is paused; "": nobody said
  std::string cut;      ///< the torn end of the journal
  std::string no_plan;  ///< why there is no plan
  Error trouble;        ///< when unreadable

  std::size_t done() const;
  std::vector<const StepStanding*> failed() const;
  std::vector<const StepStanding*> put_off() const;
  std::vector<const StepStanding*> open() const;
  /// Steps not done, in order.
  std::vector<const StepStanding*> left() const;
  /// Of those, the ones to be begun first: all that they need is done, and no other node's turn is
  /// open before theirs.
  std::vector<const StepStanding*> next() const;
  /// In the plan's order, the cluster's own steps last. Points into this.
  std::vector<NodeStanding> nodes() const;
};

Standing standing_of(const ListedRun& run, const Result<plans::Plan>& plan,
                     const EventNotes& notes);

}  // namespace drover::orchestrator
