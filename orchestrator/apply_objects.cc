#include "orchestrator/apply_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "inventory/cluster/api_status.h"
#include "plans/addons/apply.h"

namespace drover::orchestrator {
namespace {

using std::chrono::seconds;

constexpr int kCreated = 201;
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
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

Error refused(const Manifest& manifest, const ApiResponse& answer) {
  Error error{
      .kind = ErrorKind::Refused,
      .message = fmt::format("{}: the API server refuses it: {}", sanitise(manifest.full_name()),
                             sanitise(read_api_status(answer).message, kMessage))};
  if (answer.status == kConflict)
    error.remedy = "somebody else manages these fields; --force-conflicts takes them over";
  return error;
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

/// A kind that an object before this one has just defined takes a moment to be served.
Result<std::string> ObjectWriter::path_of(const Manifest& manifest, std::stop_token stop) {
  std::vector<ApiResource>& known = known_[manifest.api_version];
  const remote::Instant deadline = clock_.now() + kForDefinitions;
  for (;;) {
    if (const ApiResource* resource = find(known, manifest.kind))
      return plans::object_path(manifest, *resource, ns_);
    DROVER_TRY_ASSIGN(known, resources_of(manifest, stop));
    if (find(known, manifest.kind) != nullptr) continue;
    const remote::Instant next = clock_.now() + kBetweenLooks;
    if (next > deadline) break;
    if (!clock_.wait_until(next, stop))
      return Error{
          .kind = ErrorKind::Cancelled,
          .message = fmt::format("stopped while waiting for the kind {}", sanitise(manifest.kind))};
  }
  return Error{.kind = ErrorKind::Refused,
               .message = fmt::format("the API has no kind {} in {}", sanitise(manifest.kind),
                                      sanitise(manifest.api_version)),
               .remedy = "what defines it must be applied first"};
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
      return refused(manifest, *answer);
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
