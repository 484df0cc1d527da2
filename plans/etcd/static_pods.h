#pragma once

#include <string>
#include <vector>

#include "plans/etcd/manifests.h"
#include "plans/etcd/restore.h"
#include "plans/steps/kind.h"

/// Static pods that are stopped and started by taking their manifests away and putting them back.
namespace drover::plans {

/// Where the manifest of a component is, and whether its container runs.
struct StaticPodSeen {
  std::string name;
  bool in_place = false;
  bool stopped = false;  ///< its manifest is in the folder for stopped ones
  bool running = false;
  std::string sum = {};    ///< SHA-256 of the manifest in place, where others were given
  std::string given = {};  ///< of the copy of the given one; "": there is none
  bool kept = false;       ///< the one of before is where those are kept
};

/// Puts into `step` which components it is about, so that look and decide find them.
void describe_static_pods(Step& step, const Restore& restore,
                          const std::vector<std::string>& names);
/// Reads where they are.
Command look_at_static_pods(const Step& step);
std::vector<StaticPodSeen> read_static_pods(const CommandResult& result);
Error manifest_error(const Step& step, const std::string& what);

/// Puts the manifests back, or the given ones in place; `more` is run after that.
Command put_back(const Restore& restore, const RestoreMember& member,
                 const std::vector<std::string>& names, const std::string& more = "");
/// The decision of a step that puts them back, up to the moment when all run: then Done{message}.
Decision decide_put_back(const Step& step, const Attempt& attempt, const Answers& answers,
                         const std::string& message);

}  // namespace drover::plans
