#pragma once

#include <chrono>
#include <string>

#include "plans/steps/kind.h"
#include "plans/steps/trouble.h"

/// What every decide() does with its answers, and the short forms of its decisions.
namespace drover::plans {

/// The object in an answer. An Error: no answer came, it was refused, or it cannot be understood.
/// `what` completes "cannot ...".
template <class T>
Result<T> read_answer(const Result<ApiResponse>& answer, const std::string& what,
                      Result<T> (*parse)(std::string_view)) {
  if (!answer) return answer.error();
  if (!answer->ok()) return refused(what, *answer);
  return parse(answer->body);
}

bool not_found(const Result<ApiResponse>& answer);

ApiRequest get(std::string path, std::chrono::seconds timeout = std::chrono::seconds{10});

Decision done(std::string message);
Decision wait_for(std::string what,
                  std::chrono::milliseconds pause = std::chrono::milliseconds{1000});
Decision fail(Error error, bool again = false);
/// A judgement that could not be made fails the step: waiting does not mend a wrong answer.
Decision or_fail(Result<Decision> judged);

/// The newest result of commands[command] that has an exit code; nullptr when there is none: not
/// run yet, or its outcome was lost.
const CommandResult* ended(const Attempt& attempt, size_t command);

/// Run commands[command]; `before` as in Run. When its outcome was lost three times already in this
/// attempt, that is a failure instead: something on the node kills it (S4).
Decision run_unless_lost(const Attempt& attempt, size_t command, Notes before = {});

/// The newest effect of this attempt through requests[request]; nullptr when there is none.
const Sent* newest_sent(const Attempt& attempt, size_t request);

/// True when `sent` changed nothing that a look showed, and it is too early to send it again.
bool too_early(const Attempt& attempt, const Sent& sent, Seconds between = Seconds{1});

/// The id of another step of the same hop and host: "v1.34/w1/drain" and Cordon give
/// "v1.34/w1/cordon".
std::string sibling(const Step& step, StepKind kind);

/// "a, b, c and 2 more": at most `most` names.
std::string some_of(const std::vector<std::string>& names, size_t most = 3);

}  // namespace drover::plans
