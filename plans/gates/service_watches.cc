#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/base/text.h"
#include "inventory/cluster/open_watches.h"
#include "plans/gates/baseline.h"
#include "plans/gates/condition.h"
#include "plans/steps/reading.h"

/// While the only API server was away, nobody was told which pods stand behind a service, and a
/// kube-proxy that has not asked again by the time of the next drain sends requests to pods that
/// are gone: its watches are put off the longer, the longer the API server is away. Who has a watch
/// the API server does not say, so that they are counted, and compared with how many there were:
/// before the upgrade and after it, since a newer control plane may have watches of its own (1.34
/// has one more of EndpointSlices than 1.33).
namespace drover::plans {
namespace {

constexpr const char* kId = "service-watches";
constexpr const char* kMetrics = "/metrics";
constexpr const char* kOver = "watches_over";  // note: nothing is asked any more
constexpr const char* kUnseen = "unseen";      // mark: the metrics may not be read

// client-go waits for 30 s at most and adds up to as much again by chance
// (client-go/tools/cache/reflector.go), and an API server that is just back refuses some of those
// who ask: the last one was seen after 88 s.
constexpr Seconds kAskedAgain{90};

struct Watched {
  const char* resource;
  const char* shown;
};
constexpr std::array<Watched, 2> kWatched = {
    {{"endpointslices", "EndpointSlices"}, {"services", "Services"}}};

std::optional<Marks> before(const Step& step, const Attempt& attempt) {
  return highest_marks_before(step, attempt, kId);
}

// A gate looks only where marks were taken: after the only control plane.
bool to_be_asked(const Step& step, const Attempt& attempt) {
  if (step.kind != StepKind::Settled) return true;  // takes them
  if (!attempt.note(kOver).empty()) return false;
  const auto marks = before(step, attempt);
  return marks && !marks->contains(kUnseen);
}

// Answers that it was refused to give count for nothing: without the right to read them, time alone
// tells.
std::string_view metrics(const GateInput& input) {
  if (!input.seen.asked(kMetrics)) return {};
  const Result<ApiResponse>& answer = input.seen.get(kMetrics);
  return answer && answer->ok() ? std::string_view(answer->body) : std::string_view();
}

std::vector<Unwell> behind(const GateInput& input, const Marks& marks, Seconds most) {
  if (marks.contains(kUnseen)) {
    return {{kUnseen, fmt::format("{:.0f} s to pass, in which kube-proxy asks the API again",
                                  most.count())}};
  }
  std::vector<Unwell> behind;
  for (const auto& [resource, shown] : kWatched) {
    const auto mark = marks.find(resource);
    if (mark == marks.end()) continue;
    const int now = open_watches(metrics(input), resource).value_or(0);
    if (now >= mark->second) continue;
    behind.push_back(
        {resource, fmt::format("watches of {} to come back ({} of {})", shown, now, mark->second)});
  }
  return behind;
}

Notice given_up(const std::vector<Unwell>& behind, Seconds after) {
  std::vector<std::string> words;
  for (const Unwell& unwell : behind) words.push_back(unwell.words);
  return {"watches-missing",
          fmt::format("waited {:.0f} s in vain for {}: whoever still wanted one has asked for "
                      "it again by then",
                      after.count(), join(words, ", ")),
          {}};
}

}  // namespace

Queries look_at_service_watches(const Step& step, const Attempt& attempt) {
  Queries queries;
  if (to_be_asked(step, attempt)) queries.requests = {get(kMetrics)};
  return queries;
}

Result<Findings> judge_service_watches(const GateInput& input) {
  Findings findings;
  const auto marks = before(input.step, input.attempt);
  if (!marks || !input.attempt.note(kOver).empty()) return findings;
  findings.beside = true;
  const Seconds most = std::min<Seconds>(kAskedAgain, input.step.timeout / 2);
  findings.unwell = behind(input, *marks, most);
  const bool given_up_now = input.attempt.elapsed >= most;
  if (!findings.unwell.empty() && !given_up_now) return findings;
  findings.remember[kOver] = "yes";
  if (!findings.unwell.empty() && !marks->contains(kUnseen)) {
    findings.notices = {given_up(findings.unwell, most)};
  }
  findings.unwell.clear();
  return findings;
}

Result<Marking> mark_service_watches(const GateInput& input) {
  Marking marking;
  for (const auto& [resource, shown] : kWatched) {
    if (const auto now = open_watches(metrics(input), resource)) marking.marks[resource] = *now;
  }
  if (marking.marks.empty()) marking.marks[kUnseen] = 1;
  return marking;
}

}  // namespace drover::plans
