#pragma once

#include <string>
#include <vector>

#include "plans/etcd/restore.h"
#include "plans/steps/kind.h"

/// Static pods that are stopped and started by taking their manifests away and putting them back.
namespace drover::plans {

inline constexpr std::string_view kManifestFolder = "/etc/kubernetes/manifests";

/// Where the manifest of a component is, and whether its container runs.
struct StaticPodSeen {
  std::string name;
  bool in_place = false;
  bool stopped = false;  ///< its manifest is in the folder for stopped ones
  bool running = false;
};

/// Puts into `step` which components it is about, so that look and decide find them.
void describe_static_pods(Step& step, const Restore& restore,
                          const std::vector<std::string>& names);
/// Reads where they are.
Command look_at_static_pods(const Step& step);
std::vector<StaticPodSeen> read_static_pods(const CommandResult& result);
Error manifest_error(const Step& step, const std::string& what);

/// Puts the manifests back; `more` is run after that.
Command put_back(const Restore& restore, const std::vector<std::string>& names,
                 const std::string& more = "");
/// The decision of a step that puts them back, up to the moment when all run: then Done{message}.
Decision decide_put_back(const Step& step, const Attempt& attempt, const Answers& answers,
                         const std::string& message);

}  // namespace drover::plans
