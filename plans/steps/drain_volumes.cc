#include "plans/steps/drain_volumes.h"

#include <fmt/format.h>

#include <map>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

using Claims = std::set<std::string>;

constexpr const char* kKnownVolumes = "volume_claims";  // note: "pv-1=default/data pv-2="

// Which claim each volume serves, as far as it was asked.
std::map<std::string, std::string> known_volumes(const Attempt& attempt, const DrainSight& sight) {
  std::map<std::string, std::string> known = sight.claims;
  for (const std::string& entry : split_words(attempt.note(kKnownVolumes))) {
    const size_t equals = entry.find('=');
    known.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return known;
}

std::string text_of(const std::map<std::string, std::string>& known) {
  std::vector<std::string> entries;
  for (const auto& [volume, claim] : known) entries.push_back(volume + "=" + claim);
  return join(entries, " ");
}

// A claim that a pod which stays uses, too, is not waited for.
Claims to_detach(const Step& step, const Attempt& attempt, const PodList& staying) {
  Claims claims = claims_left(step, attempt);
  for (const Pod* pod : staying) {
    for (const std::string& claim : pod->claims) claims.erase(pod->ns + "/" + claim);
  }
  return claims;
}

Decision still_attached(const Step& step, const std::vector<std::string>& attached) {
  const std::string volumes =
      fmt::format("{} {}", attached.size() == 1 ? "volume" : "volumes", some_of(attached));
  Wait wait{fmt::format("{} to be detached from {}", volumes, step.param("node"))};
  wait.late = fmt::format("{} still holds {}", step.param("node"), join(attached, ", "));
  wait.remedy =
      "see why they are not detached: kubectl get volumeattachments, and the storage driver's "
      "pods; then `drover resume`";
  return {std::move(wait), {}, {}};
}

}  // namespace

std::set<std::string> claims_left(const Step& step, const Attempt& attempt) {
  Claims claims;
  for (const std::string* note : {&attempt.note(kClaims), &attempt.note_of(step.id, kClaims)}) {
    for (const std::string& claim : split_words(*note)) claims.insert(claim);
  }
  return claims;
}

bool add_claims(const Pod& pod, std::set<std::string>& claims) {
  bool added = false;
  for (const std::string& claim : pod.claims) {
    added = claims.insert(pod.ns + "/" + claim).second || added;
  }
  return added;
}

Decision await_detach(const Step& step, const Attempt& attempt, const DrainSight& sight,
                      const PodList& staying, const std::string& message) {
  const Claims claims = to_detach(step, attempt, staying);
  if (claims.empty()) return done(message);
  if (!sight.attachments) {
    Decision decision = wait_for("what is attached to the node", std::chrono::milliseconds{0});
    decision.remember[kAskDetach] = "yes";
    return decision;
  }
  const auto known = known_volumes(attempt, sight);
  std::vector<std::string> unknown;
  std::vector<std::string> attached;
  for (const VolumeAttachment& one : *sight.attachments) {
    const auto claim = known.find(one.volume);
    if (one.volume.empty()) continue;
    if (claim == known.end()) {
      unknown.push_back(one.volume);
    } else if (claims.contains(claim->second)) {
      attached.push_back(fmt::format("{} ({})", one.volume, claim->second));
    }
  }
  Decision decision = attached.empty() ? done(message) : still_attached(step, attached);
  if (!unknown.empty()) {
    decision = wait_for("the claims of what is attached to the node", std::chrono::milliseconds{0});
  }
  decision.remember[kAskVolumes] = join(unknown, " ");
  decision.remember[kKnownVolumes] = text_of(known);
  return decision;
}

}  // namespace drover::plans
