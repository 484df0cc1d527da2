#pragma once

#include <string>

#include "examples/sandbox/tools/call.h"
#include "examples/sandbox/tools/upgrade_texts.h"

namespace drover::sandbox {

/// Plays the text of a run of `kubeadm upgrade`: prints it line by line, and does at each line what
/// kubeadm does there, in the time that it takes. A fault strikes between the API server's swap and
/// what follows: killed there, kubeadm leaves two static pods of the new version and two of the
/// old.
class UpgradePlayer {
 public:
  UpgradePlayer(Call& call, UpgradeNames names) : call_(call), names_(std::move(names)) {}

  void play(const std::string& text);
  /// Takes away the folder in which new manifests were made ready.
  void clear_fresh_manifests() const;

 private:
  void play_line(const std::string& line);
  void prepare(const std::string& component, const std::string& line);
  void swap(const std::string& component, const std::string& line);
  void copy_etcd() const;
  void configure_kubelet() const;

  Call& call_;
  UpgradeNames names_;
  std::string skipped_;  ///< the component whose lines are left out, up to its last
  bool etcd_was_swapped_ = false;
};

}  // namespace drover::sandbox
