#pragma once

#include <memory>
#include <string>
#include <vector>

#include "remote/kube_api.h"

namespace drover::orchestrator {

/// Hears what becomes of the pods of a drain while it goes on. Pods by "ns/name". Any thread.
class EvictionSink {
 public:
  virtual ~EvictionSink() = default;
  /// It is asked to go; `deletes`: past all budgets.
  virtual void evicting(const std::string& node, const std::string& pod, bool deletes) = 0;
  /// That was refused, in the server's words.
  virtual void not_evicted(const std::string& node, const std::string& pod,
                           const std::string& why) = 0;
  virtual void gone(const std::string& node, const std::string& pod, bool deleted) = 0;
};

/// A client of the API that tells of the evictions which pass through it, and changes none of them.
/// One thread at a time, like the client below it; writers beside it have threads of their own.
class ToldApi final : public remote::ApiReader, public remote::ApiWriter {
 public:
  /// `node`: the inventory host whose steps use it. All must outlive it.
  ToldApi(std::string node, remote::ApiReader& reader, remote::ApiWriter& writer,
          std::vector<EvictionSink*> sinks);

  Result<ApiResponse> get(const ApiRequest& request, std::stop_token stop) override;
  Result<ApiResponse> send(const ApiRequest& request, std::stop_token stop) override;

  /// Another writer for another thread, whose evictions are told, too.
  std::unique_ptr<remote::ApiWriter> beside(std::unique_ptr<remote::ApiWriter> writer) const;

 private:
  class Evictions;

  const std::shared_ptr<Evictions> evictions_;
  remote::ApiReader& reader_;
  remote::ApiWriter& writer_;
};

}  // namespace drover::orchestrator
