#include "examples/sandbox/world/workload.h"

#include <array>
#include <cstdint>
#include <stdexcept>

namespace drover::sandbox {
namespace {

constexpr std::array kKinds = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"};
constexpr std::string_view kSafe = "bcdfghjklmnpqrstvwxz2456789";  // as Kubernetes encodes hashes

std::uint32_t fnv1a(const std::string& text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

}  // namespace

std::string Workload::template_hash() const {
  std::string hash;
  for (const char digit : std::to_string(fnv1a(name + '\n' + pods.image)))
    hash += kSafe[static_cast<size_t>(digit - '0')];
  return hash;
}

std::string Workload::replica_set() const {
  return kind == Kind::ReplicaSet ? name : name + "-" + template_hash();
}

const char* kind_name(Workload::Kind kind) { return kKinds.at(static_cast<size_t>(kind)); }

Workload::Kind parse_kind(const std::string& name) {
  for (size_t i = 0; i < kKinds.size(); ++i)
    if (name == kKinds[i]) return static_cast<Workload::Kind>(i);
  throw std::invalid_argument("\"" + name +
                              "\" is none of Deployment, ReplicaSet, StatefulSet, DaemonSet");
}

}  // namespace drover::sandbox
