#pragma once

#include <filesystem>
#include <string>

namespace drover::sandbox {

/// What is to be known of a node before its folder is made.
struct NodeSpec {
  std::string name;
  std::filesystem::path folder;  ///< its private root: etc, var, run, tmp, root, home, boot_id
  bool control_plane = false;
  bool has_kubectl = true;
  double speed = 1;            ///< how many times faster than real its tools are; 0: no waiting
  std::string authorized_key;  ///< the operator's public key, as a line
};

/// Where the state of a node's tools lies in its folder.
inline constexpr const char* kStateFolder = "var/lib/sandbox";

/// The versions that the make-believe repositories offer, the oldest of which is installed.
inline constexpr const char* kReleases[] = {"1.33.13", "1.34.4", "1.35.4"};
inline constexpr const char* kInstalled = kReleases[0];
inline constexpr const char* kTarget = kReleases[1];

/// Makes the folder of a node as kubeadm and Debian leave one, at the oldest of the versions.
void make_machine_folder(const NodeSpec& spec);

/// What a control plane has besides: access to the API at this port.
void make_control_plane(const NodeSpec& spec, const std::string& admin_conf, int api_port);

/// Takes away what a machine loses with its power: /run and /tmp.
void clear_volatile(const std::filesystem::path& folder);

/// Gives it another host key.
void make_host_key(const std::filesystem::path& folder);

/// Its public host key: type and base64.
std::string host_key(const std::filesystem::path& folder);

/// Writes sshd's configuration: `first`, lines that win over the usual ones, and these.
void write_sshd_config(const std::filesystem::path& folder, const std::string& first);

}  // namespace drover::sandbox
