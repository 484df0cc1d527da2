#include "plans/steps/reading.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"

namespace drover::plans {

bool not_found(const Result<ApiResponse>& answer) { return answer && answer->status == 404; }

ApiRequest get(std::string path, std::chrono::seconds timeout) {
  ApiRequest request;
  request.path = std::move(path);
  request.timeout = timeout;
  return request;
}

Decision done(std::string message) { return {Done{std::move(message)}, {}, {}}; }

Decision wait_for(std::string what, std::chrono::milliseconds pause) {
  return {Wait{std::move(what), pause}, {}, {}};
}

Decision fail(Error error, bool again) { return {Fail{std::move(error), again}, {}, {}}; }

Decision or_fail(Result<Decision> judged) {
  return judged ? std::move(*judged) : fail(std::move(judged).error());
}

const CommandResult* ended(const Attempt& attempt, size_t command) {
  const CommandResult* result = attempt.result_of(command);
  return result != nullptr && result->exit_code ? result : nullptr;
}

Decision run_unless_lost(const Attempt& attempt, size_t command, Notes before) {
  constexpr std::ptrdiff_t kMost = 3;
  const auto lost = std::count_if(attempt.ran.begin(), attempt.ran.end(), [&](const Ran& ran) {
    return ran.command == command && !ran.result.exit_code;
  });
  if (lost < kMost) return {Run{command, std::move(before)}, {}, {}};
  Error error;
  error.kind = ErrorKind::Unknown;
  error.message =
      fmt::format("the command was begun {} times, and each time its outcome was lost", lost);
  error.remedy = "see what kills it on the node: a reboot, the OOM killer, or somebody";
  return fail(std::move(error));
}

const Sent* newest_sent(const Attempt& attempt, size_t request) {
  const auto newest = std::find_if(attempt.sent.rbegin(), attempt.sent.rend(),
                                   [&](const Sent& sent) { return sent.request == request; });
  return newest == attempt.sent.rend() ? nullptr : &*newest;
}

bool too_early(const Attempt& attempt, const Sent& sent, Seconds between) {
  return attempt.elapsed < sent.at + between;
}

std::string sibling(const Step& step, StepKind kind) {
  return step.id.substr(0, step.id.rfind('/') + 1) + std::string(kind_of(kind).name);
}

std::string some_of(const std::vector<std::string>& names, size_t most) {
  if (names.size() <= most) return join(names, ", ");
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(most));
  return fmt::format("{} and {} more", join(first, ", "), names.size() - most);
}

}  // namespace drover::plans
