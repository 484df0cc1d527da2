#include "plans/steps/node_patch.h"

#include <fmt/format.h>

#include "plans/steps/reading.h"

namespace drover::plans {

ApiRequest patch_node(const Host& host, std::string body) {
  ApiRequest patch;
  patch.verb = Verb::Patch;
  patch.path = "/api/v1/nodes/" + percent_encode(host.node);
  patch.body = std::move(body);
  return patch;
}

Queries look_at_node(const Step& step) {
  Queries queries;
  queries.requests = {get("/api/v1/nodes/" + percent_encode(step.param("node")))};
  return queries;
}

std::optional<Decision> after_patch(const Attempt& attempt, const std::string& what) {
  const Sent* sent = newest_sent(attempt, 0);
  if (sent == nullptr) return std::nullopt;
  const Result<ApiResponse>& answer = sent->answer;
  // Somebody else changed the node in between: it was read again since.
  if (answer && answer->status == 409) return std::nullopt;
  if (answer && !answer->ok() && !api_trouble(answer)) return fail(refused(what, *answer));
  if (too_early(attempt, *sent)) return wait_for(fmt::format("the effect of: {}", what));
  return std::nullopt;
}

}  // namespace drover::plans
