#include "orchestrator/secrets/tokens.h"

#include "orchestrator/secrets/obtain.h"
#include "plans/gates/alerts.h"

namespace drover::orchestrator {

Status obtain_tokens(const plans::Plan& plan, Fleet& fleet, std::stop_token stop) {
  for (const std::string& place : plans::tokens_of(plan.steps)) {
    auto source = read_secret_source(place);
    if (!source) {
      return Error{.kind = ErrorKind::File, .message = "the plan names no place of a token"};
    }
    source->key = "health.prometheus.token";
    DROVER_TRY_ASSIGN(std::string token,
                      obtain(*source, "Token for Prometheus", ErrorKind::Authentication, stop));
    fleet.add_token(place, std::move(token));
  }
  return {};
}

}  // namespace drover::orchestrator
