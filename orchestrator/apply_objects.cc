#include "orchestrator/apply_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "inventory/cluster/api_status.h"
#include "orchestrator/http_status.h"
#include "plans/addons/apply.h"

namespace drover::orchestrator {
namespace {

using std::chrono::seconds;

constexpr int kCreated = 201;
constexpr int kInvalid = 422;
constexpr seconds kForDefinitions{30};
constexpr seconds kBetweenLooks{1};
constexpr int kTries = 3;
constexpr size_t kMessage = 1500;

const ApiResource* find(const std::vector<ApiResource>& resources, const std::string& kind) {
  const auto found = std::find_if(resources.begin(), resources.end(),
                                  [&](const ApiResource& each) { return each.kind == kind; });
  return found == resources.end() ? nullptr : &*found;
}

Error refused(const Manifest& manifest, const ApiResponse& answer, bool force) {
  const ApiStatus status = read_api_status(answer);
  Error error{
      .kind = ErrorKind::Refused,
      .message = fmt::format("{}: the API server refuses it: {}", sanitise(manifest.full_name()),
                             sanitise(status.message, kMessage))};
  if (answer.status != kConflict) return error;
  error.remedy = status.has_cause("FieldManagerConflict") && !force
                     ? "somebody else manages these fields; --force-conflicts takes them over"
                     : "leave metadata.resourceVersion and metadata.uid out of the file";
  return error;
}

/// "Thing in example.com/v1".
std::string kind_text(const Manifest& manifest) {
  return fmt::format("{} in {}", sanitise(manifest.kind), sanitise(manifest.api_version));
}

bool is_defined(const std::vector<Manifest>& manifests, const Manifest& wanted) {
  const std::string kind = wanted.api_version + '/' + wanted.kind;
  return std::any_of(manifests.begin(), manifests.end(), [&](const Manifest& each) {
    return std::find(each.defines.begin(), each.defines.end(), kind) != each.defines.end();
  });
}

}  // namespace

std::string_view change_name(Change change) {
  switch (change) {
    case Change::Created:
      return "created";
    case Change::Configured:
      return "configured";
    case Change::Unchanged:
      return "unchanged";
    case Change::Deleted:
      return "deleted";
    case Change::Absent:
      return "absent";
    case Change::LeftAlone:
      return "left-alone";
  }
  return "";
}

Status ObjectWriter::apply(const std::vector<Manifest>& manifests, bool force,
                           std::stop_token stop) {
  DROVER_TRY(check_kinds(manifests, stop));
  for (const Manifest& manifest : manifests) {
    DROVER_TRY_ASSIGN(const std::string path, path_of(manifest, stop));
    DROVER_TRY_ASSIGN(const Change change, apply_one(manifest, path, force, stop));
    show_({manifest.full_name(), change});
  }
  return {};
}

Status ObjectWriter::remove(const std::vector<Manifest>& manifests, const std::string& k8s_app,
                            std::stop_token stop) {
  for (const Manifest& manifest : manifests) {
    DROVER_TRY_ASSIGN(const bool served, serves(manifest, stop));
    // Of a kind that is not known there is nothing.
    if (!served) {
      show_({manifest.full_name(), Change::Absent});
      continue;
    }
    DROVER_TRY_ASSIGN(const std::string path, path_of(manifest, stop));
    DROVER_TRY_ASSIGN(const Change change, remove_one(manifest, path, k8s_app, stop));
    show_({manifest.full_name(), change});
  }
  return {};
}

Result<std::vector<ApiResource>> ObjectWriter::resources_of(const Manifest& manifest,
                                                            std::stop_token stop) {
  const ApiRequest request = plans::resources_request(manifest);
  DROVER_TRY_ASSIGN(const ApiResponse answer, reader_.get(request, stop));
  if (answer.status == kNotFound) return std::vector<ApiResource>();
  if (!answer.ok()) return refusal(request, answer);
  return parse_api_resources(answer.body);
}

Result<bool> ObjectWriter::serves(const Manifest& manifest, std::stop_token stop) {
  const auto known = known_.find(manifest.api_version);
  if (known != known_.end()) return find(known->second, manifest.kind) != nullptr;
  DROVER_TRY_ASSIGN(auto resources, resources_of(manifest, stop));
  return find(known_[manifest.api_version] = std::move(resources), manifest.kind) != nullptr;
}

Status ObjectWriter::check_kinds(const std::vector<Manifest>& manifests, std::stop_token stop) {
  for (const Manifest& manifest : manifests) {
    DROVER_TRY_ASSIGN(const bool served, serves(manifest, stop));
    if (served || is_defined(manifests, manifest)) continue;
    return Error{.kind = ErrorKind::Refused,
                 .message = fmt::format("{}: the API has no kind {}",
                                        sanitise(manifest.full_name()), kind_text(manifest)),
                 .remedy = "what defines it must be applied first, or stand in the same file"};
  }
  return {};
}

/// A kind that an object before this one has just defined takes a moment to be served.
Result<std::string> ObjectWriter::path_of(const Manifest& manifest, std::stop_token stop) {
  std::vector<ApiResource>& known = known_[manifest.api_version];
  const remote::Instant deadline = clock_.now() + kForDefinitions;
  bool told = false;
  for (;;) {
    if (const ApiResource* resource = find(known, manifest.kind))
      return plans::object_path(manifest, *resource, ns_);
    DROVER_TRY_ASSIGN(known, resources_of(manifest, stop));
    if (find(known, manifest.kind) != nullptr) continue;
    const remote::Instant next = clock_.now() + kBetweenLooks;
    if (next > deadline) break;
    if (!told) tell_(fmt::format("waiting for the API to have the kind {}", kind_text(manifest)));
    told = true;
    if (!clock_.wait_until(next, stop))
      return Error{
          .kind = ErrorKind::Cancelled,
          .message = fmt::format("stopped while waiting for the kind {}", sanitise(manifest.kind))};
  }
  return Error{.kind = ErrorKind::Refused,
               .message = fmt::format("{} after its definition was applied, the API has no kind {}",
                                      format_duration(kForDefinitions), kind_text(manifest)),
               .remedy = "look at what its CustomResourceDefinition says of itself in its status"};
}

Result<ApiResponse> ObjectWriter::read(const std::string& path, std::stop_token stop) {
  const ApiRequest request{.path = path};
  DROVER_TRY_ASSIGN(ApiResponse answer, reader_.get(request, stop));
  if (!answer.ok() && answer.status != kNotFound) return refusal(request, answer);
  return answer;
}

/// The body names the end state: what may have been lost is looked for, and sent again (S4).
Result<Change> ObjectWriter::apply_one(const Manifest& manifest, const std::string& path,
                                       bool force, std::stop_token stop) {
  const ApiRequest request = plans::apply_request(manifest, path, force);
  std::optional<std::string> before;
  bool seen = false;
  for (int tries = 1;; ++tries) {
    DROVER_TRY_ASSIGN(const ApiResponse there, read(path, stop));
    if (there.ok() && !seen) {
      DROVER_TRY_ASSIGN(const ObjectIdentity identity, parse_identity(there.body, manifest.kind));
      before = identity.resource_version;
    }
    seen = true;
    const Result<ApiResponse> answer = writer_.send(request, stop);
    if (!answer && answer.error().kind == ErrorKind::Unknown && tries < kTries) continue;
    if (!answer) return answer.error();
    if (answer->status == kConflict || answer->status == kInvalid || answer->status == kBadRequest)
      return refused(manifest, *answer, force);
    if (!answer->ok()) return refusal(request, *answer);
    if (answer->status == kCreated || !before) return Change::Created;
    DROVER_TRY_ASSIGN(const ObjectIdentity now, parse_identity(answer->body, manifest.kind));
    return now.resource_version == *before ? Change::Unchanged : Change::Configured;
  }
}

Result<Change> ObjectWriter::remove_one(const Manifest& manifest, const std::string& path,
                                        const std::string& k8s_app, std::stop_token stop) {
  for (int tries = 1;; ++tries) {
    DROVER_TRY_ASSIGN(const ApiResponse there, read(path, stop));
    if (!there.ok()) return tries == 1 ? Change::Absent : Change::Deleted;
    DROVER_TRY_ASSIGN(const ObjectIdentity identity, parse_identity(there.body, manifest.kind));
    if (identity.k8s_app != k8s_app) return Change::LeftAlone;
    const ApiRequest request = plans::delete_request(path, identity.uid);
    const Result<ApiResponse> answer = writer_.send(request, stop);
    if (!answer && answer.error().kind == ErrorKind::Unknown && tries < kTries) continue;
    if (!answer) return answer.error();
    if (answer->ok() || answer->status == kNotFound) return Change::Deleted;
    return refusal(request, *answer);
  }
}

}  // namespace drover::orchestrator
