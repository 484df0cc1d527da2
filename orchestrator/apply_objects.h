#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "inventory/cluster/api_resource.h"
#include "inventory/manifest.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

enum class Change { Created, Configured, Unchanged, Deleted, Absent, LeftAlone };
std::string_view change_name(Change change);  ///< "created", ...

struct Changed {
  std::string object;  ///< "Deployment kube-system/metrics-server"
  Change change = Change::Unchanged;
};

/// Gives objects to a cluster and takes them away, one after the other. One thread.
class ObjectWriter {
 public:
  using Show = std::function<void(const Changed&)>;  ///< each one once it is done
  using Tell = std::function<void(const std::string&)>;

  /// Objects without a namespace of their own go to `ns`, where their kind wants one. `tell` learns
  /// what is waited for.
  ObjectWriter(remote::ApiReader& reader, remote::ApiWriter& writer, remote::Clock& clock,
               std::string ns, Show show, Tell tell)
      : reader_(reader),
        writer_(writer),
        clock_(clock),
        ns_(std::move(ns)),
        show_(std::move(show)),
        tell_(std::move(tell)) {}

  /// By server-side apply; `force` takes fields over that others manage, which is refused
  /// otherwise. A kind that neither the cluster has nor one of the objects defines is refused
  /// before any of them is applied; what is defined by one is waited for, half a minute. What was
  /// applied before an error stays: applying all of it again does no harm.
  Status apply(const std::vector<Manifest>& manifests, bool force, std::stop_token stop);

  /// What of them is there and has the label k8s-app with that value; the others are left alone.
  Status remove(const std::vector<Manifest>& manifests, const std::string& k8s_app,
                std::stop_token stop);

 private:
  Result<bool> serves(const Manifest& manifest, std::stop_token stop);
  Status check_kinds(const std::vector<Manifest>& manifests, std::stop_token stop);
  Result<std::string> path_of(const Manifest& manifest, std::stop_token stop);
  Result<std::vector<ApiResource>> resources_of(const Manifest& manifest, std::stop_token stop);
  Result<ApiResponse> read(const std::string& path, std::stop_token stop);
  Result<Change> apply_one(const Manifest& manifest, const std::string& path, bool force,
                           std::stop_token stop);
  Result<Change> remove_one(const Manifest& manifest, const std::string& path,
                            const std::string& k8s_app, std::stop_token stop);

  remote::ApiReader& reader_;
  remote::ApiWriter& writer_;
  remote::Clock& clock_;
  const std::string ns_;
  const Show show_;
  const Tell tell_;
  std::map<std::string, std::vector<ApiResource>> known_;  ///< by group and version
};

}  // namespace drover::orchestrator
