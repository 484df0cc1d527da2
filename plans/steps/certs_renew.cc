#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// kubeadm looks for its configuration in the cluster first, and waits for an API that is away.
constexpr std::chrono::seconds kCommandTimeout{3 * 60};

constexpr std::string_view kRenew = "exec kubeadm certs renew all\n";
constexpr std::string_view kRenewed = " renewed";

}  // namespace

Step make_certs_renew(const Scope& scope, const Host& host) {
  Step step = scope.step(StepKind::CertsRenew, &host,
                         fmt::format("renew the certificates of {}", host.name),
                         "kubeadm writes new ones beside the old keys' places; what runs goes on "
                         "with the old ones until it is restarted");
  step.commands = {{.script = std::string(kRenew), .mutates = true, .timeout = kCommandTimeout}};
  step.timeout = kCommandTimeout + std::chrono::seconds{60};
  step.estimate = std::chrono::seconds{2};
  return step;
}

Queries look_certs_renew(const Step& step, const Attempt& attempt) {
  return look_at_nothing(step, attempt);
}

// To renew what was just renewed does no harm, so an unknown outcome is no question.
Decision decide_certs_renew(const Step& step, const Attempt& attempt, const Answers&) {
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0);
  if (!last->ok()) {
    return fail(step_failed(step, "kubeadm certs renew all", *last,
                            fmt::format("mend what it says on {}, then `drover resume`; nothing "
                                        "was restarted there",
                                        step.host)),
                passing(*last));
  }
  size_t renewed = 0;
  for (const std::string& line : split_lines(last->out)) {
    if (line.find(kRenewed) != std::string::npos) ++renewed;
  }
  return done(fmt::format("{} certificates renewed", renewed));
}

}  // namespace drover::plans
