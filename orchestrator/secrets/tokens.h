#pragma once

#include <stop_token>

#include "inventory/base/result.h"
#include "orchestrator/fleet.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// Obtains the tokens that the steps of `plan` send to servers other than the API's, and gives them
/// to `fleet`; what has to be asked on the terminal is asked here, once. Errors are of kind
/// Authentication, or Cancelled.
Status obtain_tokens(const plans::Plan& plan, Fleet& fleet, std::stop_token stop);

}  // namespace drover::orchestrator
