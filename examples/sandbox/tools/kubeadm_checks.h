#pragma once

#include <string>

#include "examples/sandbox/tools/kubeadm_words.h"

/// What kubeadm makes sure of before it changes anything. Each check ends the call with kubeadm's
/// words.
namespace drover::sandbox {

/// The API answers at the address of the kubeconfig that kubeadm takes here: admin.conf, or on
/// workers kubelet.conf if it is there.
void check_api();
/// The same as a question.
bool api_answers();

/// kubeadm's health-check Job: takes its time, and is given up on a control plane that has not
/// settled.
void check_health_job(const KubeadmWords& words);

/// kubeadm's rules about versions (policy.go), for `upgrade apply`.
void check_version_policy(const KubeadmWords& words, const std::string& target,
                          const std::string& kubeadm);

/// What kubeadm prints on stderr when the Job is not done in time.
std::string health_job_failure();

/// What it prints when nobody listens at the address of the API server.
std::string connection_refused();

}  // namespace drover::sandbox
