#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

/// The control plane of this node as its files tell: manifests, and what was swapped when.
namespace drover::sandbox {

inline constexpr std::array kComponents = {"etcd", "kube-apiserver", "kube-controller-manager",
                                           "kube-scheduler"};

/// As kubeadm decides it: there is a manifest of an API server.
bool is_control_plane();

/// The Kubernetes version of a component's manifest; etcd's, too.
std::string manifest_version(const std::string& component);

/// What kubeadm-config says: the version of the upgrade that came to its end last.
std::string cluster_version();

/// Of Kubernetes, on this control plane, in no order, some several times.
std::vector<std::string> versions_had();

/// That the runtime has: of all versions that this control plane has had, because nothing takes
/// images away here, and what was pulled.
std::vector<std::string> images_here();

/// What the kubelet does with a manifest that was taken away and has come back with another image.
void notice_manifests();

/// Moves the manifest of `version` to its place and the old one into `backup`, as kubeadm does: the
/// new one is written in `fresh` first.
void swap_manifest(const std::string& component, const std::string& version,
                   const std::string& fresh, const std::string& backup);

/// Writes down that the container of a component was stopped, so that the kubelet starts another.
void container_stopped(const std::string& component);
/// When its containers were stopped, as text that differs from one time to the next.
std::string stops_of(const std::string& component);

/// Writes down that an upgrade of this control plane came to its end.
void upgrade_ended(const std::string& version);

/// Until when a Job is not done in time, in seconds since the epoch: static pods restarted, and
/// scheduler and controller-manager have no Lease yet. Something in the past on a settled control
/// plane.
double unsettled_until();

/// A node of the cluster as far as this one knows it.
struct Peer {
  std::string name;
  bool control_plane = false;
  std::string kubelet;
  std::string version;  ///< of its control plane
};

/// This node and those that `cluster` in its state names (NAME control-plane|worker vKUBELET
/// [vCONTROL-PLANE]), control planes first.
std::vector<Peer> cluster_nodes();

std::string host_name();

}  // namespace drover::sandbox
