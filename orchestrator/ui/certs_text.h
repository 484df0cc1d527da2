#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/event.h"
#include "orchestrator/ui/views.h"
#include "plans/certs/certificates.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// A table a control plane, what is worst marked; then what to do about it.
std::string certificates_text(const std::vector<plans::HostCertificates>& all, bool color);
/// One line `{"v":1,"kind":"Certificates",...}`.
std::string certificates_json(const std::string& cluster,
                              const std::vector<plans::HostCertificates>& all);

/// What `certs renew` asks about: the certificates, in which order control planes are taken, and
/// what stands in the way.
std::string certs_renew_preview_text(const plans::Plan& plan,
                                     const std::vector<plans::HostCertificates>& all,
                                     const TextStyle& style);
/// One line `{"v":1,"kind":"CertsRenew",...}`. `run`: "" when none was begun.
std::string certs_renew_json(const plans::Plan& plan,
                             const std::vector<plans::HostCertificates>& all,
                             const std::map<std::string, StepFinished>& ends,
                             const std::string& run, int code);

}  // namespace drover::orchestrator
