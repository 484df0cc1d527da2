#pragma once

#include <stop_token>
#include <string>

#include "orchestrator/ui/hpa_text.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// One autoscaler. Refused when there is none of that name.
Result<Autoscaler> read_one_autoscaler(remote::ApiReader& api, const std::string& ns,
                                       const std::string& name, std::stop_token stop);

/// Everything that its controller looks at, and what follows from it. What cannot be measured is
/// part of it; what cannot be read is an error.
Result<ScaleExplanation> explain_autoscaler(remote::ApiReader& api, remote::Clock& clock,
                                            const std::string& ns, const std::string& name,
                                            std::stop_token stop);

}  // namespace drover::orchestrator
