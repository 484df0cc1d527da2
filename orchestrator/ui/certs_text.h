#pragma once

#include <string>
#include <vector>

#include "plans/certs/certificates.h"

namespace drover::orchestrator {

/// A table a control plane, what is worst marked; then what to do about it.
std::string certificates_text(const std::vector<plans::HostCertificates>& all, bool color);
/// One line `{"v":1,"kind":"Certificates",...}`.
std::string certificates_json(const std::string& cluster,
                              const std::vector<plans::HostCertificates>& all);

}  // namespace drover::orchestrator
