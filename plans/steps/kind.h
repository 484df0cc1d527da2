#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/command.h"
#include "inventory/base/local_program.h"
#include "inventory/base/result.h"
#include "inventory/base/web_request.h"
#include "inventory/upgrade_plan.h"
#include "plans/step.h"

/// Every step kind is two pure functions, run in a loop until the step is done, fails, or its time
/// is up: look() says what to read, decide() says from the answers what to do next. The loop is the
/// same on the first attempt, on resume and in a dry run: a kind never assumes that nobody else has
/// been there. Effects are named by their place in the step, so nothing can be sent that the plan
/// lacks.
namespace drover::plans {

using Seconds = std::chrono::duration<double>;

/// What to read before deciding; all of it without side effects.
struct Queries {
  std::vector<Command> commands;            ///< on the step's host, `mutates == false`
  std::vector<ApiRequest> requests;         ///< GETs
  std::vector<LocalProgram> programs = {};  ///< on the machine that Drover runs on
  std::vector<WebRequest> pages = {};       ///< GETs of other servers than the API's
};

/// The answers, in the order of the Queries. An Error means that no answer came.
struct Answers {
  std::vector<Result<CommandResult>> commands;
  std::vector<Result<ApiResponse>> responses;
  std::vector<Result<CommandResult>> programs = {};
  std::vector<Result<ApiResponse>> pages = {};
};

/// An effect of this attempt that has an outcome: requests[index] as sent with `params`.
struct Sent {
  size_t request = 0;
  Params params;
  Result<ApiResponse> answer = Error{};
  Seconds at{0};  ///< on the attempt's clock
};

/// commands[index], run to its end.
struct Ran {
  size_t command = 0;
  CommandResult result;
};

using Notes = std::map<std::string, std::string>;

/// What a decision knows besides the answers.
struct Attempt {
  std::string run;         ///< run id
  Seconds elapsed{0};      ///< since the attempt began, monotonic
  std::vector<Ran> ran;    ///< in order; includes commands of an interrupted attempt, resolved
  std::vector<Sent> sent;  ///< in order
  Notes notes;             ///< what earlier decisions of this attempt asked to remember
  /// Step id -> notes that finished steps left; of a step that was begun and did not finish, what
  /// its intents put on disk (`before`), the oldest value of each.
  std::map<std::string, Notes> earlier;

  const CommandResult* result_of(size_t command) const;  ///< newest, or nullptr
  const std::string& note(std::string_view name) const;  ///< "" when absent
  /// A note left by a finished step; "" when the step or the note is absent.
  const std::string& note_of(std::string_view step_id, std::string_view name) const;
};

/// The end: what the step is for holds. Skipped in the events if this attempt had no effect.
struct Done {
  std::string message;
};

/// Run commands[index] in a capsule. `before` is journalled first: what must be put back (S10).
struct Run {
  size_t command = 0;
  Notes before;
};

/// Send instances of request templates, one after the other.
struct Send {
  struct Instance {
    size_t request = 0;
    Params params;
  };
  std::vector<Instance> instances;
  Notes before;
};

/// Look again after `pause`. `what` completes "waiting for ...".
struct Wait {
  std::string what;
  std::chrono::milliseconds pause{1000};
  std::string remedy = {};  ///< what to do if it never comes
  std::string late = {};    ///< what to say when the step's time is up; "": what it waits for
};

/// The step cannot succeed by waiting. `again`: the kind allows another attempt (S4, at most 3).
struct Fail {
  Error error;
  bool again = false;
};

/// Something the operator must hear of, besides the step's end.
struct Notice {
  std::string code;  ///< `drain_changed` or a warning's code
  std::string message;
  std::vector<std::string> pods;
};

struct Decision {
  std::variant<Done, Run, Send, Wait, Fail> next;
  Notes remember;  ///< merged into Attempt::notes; kept with the step's outcome when it ends
  std::vector<Notice> notices;
};

/// What to do with an intent without outcome whose capsule tells nothing (design 1.3).
enum class UnknownPolicy {
  ObserveAgain,  ///< the loop as it is: look, decide
  RunAgain,      ///< observation cannot tell: do it again
};

/// A whole kind. A row of the table in steps/kind.cc.
struct Kind {
  StepKind kind;
  std::string_view name;  ///< last part of a step id
  UnknownPolicy unknown;
  Queries (*look)(const Step&, const Attempt&);
  Decision (*decide)(const Step&, const Attempt&, const Answers&);
  /// Puts into a step what the plan file says about its kind, when it is planned and again when the
  /// file was edited before a resume; nullptr: nothing that may be edited then.
  void (*configure)(Step&, const UpgradePlan&) = nullptr;
};

/// Why a step of this kind is never left out, whatever the operator asks: what follows relies on
/// it.
/// "" when it may be.
std::string_view not_skipped_because(StepKind kind);

const Kind& kind_of(StepKind kind);
const std::vector<Kind>& all_kinds();

}  // namespace drover::plans
