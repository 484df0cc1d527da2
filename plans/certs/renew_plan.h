#pragma once

#include <set>
#include <string>
#include <vector>

#include "plans/certs/certificates.h"
#include "plans/certs/renew_input.h"
#include "plans/plan.h"

/// `drover certs renew` as a plan: of each control plane, one after the other, the steps
/// `node/<host>/certs-renew`, `static-pods-restart` and `static-pods-healthy`; that of etcd's
/// leader last. Control planes whose certificates have expired, while others still answer, are
/// renewed before anything else, by the configuration that the cluster keeps for kubeadm, and then
/// restarted first. Where certificates have expired and the API is away, nothing is served that
/// could be spared, and no member of etcd may believe another: all of them are renewed first, then
/// all static pods restarted, and only then is waited for each.
namespace drover::plans {

/// kubeadm lists the certificates of an etcd that it looks after, and of no other.
bool has_own_etcd(const std::vector<HostCertificates>& certificates);

/// Whether one has expired that kubeadm can renew.
bool any_expired(const std::vector<HostCertificates>& certificates);

/// The hosts through which the API is not to be reached: what had expired there is not renewed yet,
/// or not served yet. `done`: the ids of steps.
std::vector<std::string> still_expired(const Plan& plan, const std::set<std::string>& done);

/// A plan of which no step but the last ones needs the API, so that it may begin without the
/// cluster's Lease.
bool renews_without_api(const Plan& plan);

/// With blockers and without steps when what kubeadm has is not known everywhere, something of it
/// is missing, an authority has expired, nothing can be renewed, or etcd is not well.
Plan make_renew_plan(const RenewInput& input);

}  // namespace drover::plans
