#include "orchestrator/told_api.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "inventory/cluster/api_status.h"
#include "inventory/cluster/pod.h"

namespace drover::orchestrator {
namespace {

/// An eviction, or a deletion in its place.
struct Removal {
  std::string pod;
  std::string uid;
  bool deletes = false;
};

std::string text_at(const nlohmann::json& body, const char* pointer) {
  const nlohmann::json::json_pointer at(pointer);
  return body.contains(at) && body.at(at).is_string() ? body.at(at).get<std::string>() : "";
}

// /api/v1/namespaces/NS/pods/POD[/eviction]
std::optional<Removal> removal_in(const ApiRequest& request) {
  constexpr std::string_view kBefore = "/api/v1/namespaces/";
  constexpr std::string_view kPods = "/pods/";
  constexpr std::string_view kEviction = "/eviction";
  const bool evicts = request.verb == Verb::Post && request.path.ends_with(kEviction);
  const bool deletes = request.verb == Verb::Delete;
  if (!request.path.starts_with(kBefore) || (!evicts && !deletes)) return std::nullopt;
  std::string rest = request.path.substr(kBefore.size());
  if (evicts) rest.resize(rest.size() - kEviction.size());
  const std::size_t pods = rest.find(kPods);
  if (pods == std::string::npos) return std::nullopt;
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  return Removal{rest.substr(0, pods) + "/" + rest.substr(pods + kPods.size()),
                 text_at(body, evicts ? "/deleteOptions/preconditions/uid" : "/preconditions/uid"),
                 deletes};
}

bool lists_pods_of_a_node(const ApiRequest& request) {
  return request.path.starts_with("/api/v1/pods?") &&
         request.path.find("spec.nodeName") != std::string::npos;
}

std::string why_not(const Result<ApiResponse>& answer) {
  return answer ? read_api_status(*answer).message : answer.error().message;
}

}  // namespace

/// What all writers of a node share. Any thread.
class ToldApi::Evictions {
 public:
  Evictions(std::string node, std::vector<EvictionSink*> sinks)
      : node_(std::move(node)), sinks_(std::move(sinks)) {}

  Result<ApiResponse> send(remote::ApiWriter& writer, const ApiRequest& request,
                           std::stop_token stop) {
    const auto removal = removal_in(request);
    if (!removal) return writer.send(request, std::move(stop));
    for (EvictionSink* sink : sinks_) sink->evicting(node_, removal->pod, removal->deletes);
    auto answer = writer.send(request, std::move(stop));
    const Leaving leaving{removal->pod, removal->deletes};
    if (answer && answer->ok()) {
      const std::lock_guard lock(mutex_);
      leaving_[removal->uid] = leaving;
    } else if (answer && answer->status == 404) {
      tell_gone(leaving);
    } else {
      for (EvictionSink* sink : sinks_) sink->not_evicted(node_, removal->pod, why_not(answer));
    }
    return answer;
  }

  /// `answer` lists the node's pods: those that left and are not in it are gone.
  void see(const ApiResponse& answer) {
    const std::lock_guard lock(mutex_);
    if (leaving_.empty()) return;
    const auto pods = parse_pod_list(answer.body);
    if (!pods) return;  // the step that asked complains
    for (auto at = leaving_.begin(); at != leaving_.end();) {
      const bool there = std::any_of(pods->begin(), pods->end(),
                                     [&](const Pod& pod) { return pod.uid == at->first; });
      if (!there) tell_gone(at->second);
      at = there ? std::next(at) : leaving_.erase(at);
    }
  }

 private:
  struct Leaving {
    std::string pod;
    bool deleted = false;
  };

  void tell_gone(const Leaving& leaving) {
    for (EvictionSink* sink : sinks_) sink->gone(node_, leaving.pod, leaving.deleted);
  }

  const std::string node_;
  const std::vector<EvictionSink*> sinks_;
  std::mutex mutex_;
  std::map<std::string, Leaving> leaving_;  // by uid: accepted, and not gone yet
};

ToldApi::ToldApi(std::string node, remote::ApiReader& reader, remote::ApiWriter& writer,
                 std::vector<EvictionSink*> sinks)
    : evictions_(std::make_shared<Evictions>(std::move(node), std::move(sinks))),
      reader_(reader),
      writer_(writer) {}

Result<ApiResponse> ToldApi::get(const ApiRequest& request, std::stop_token stop) {
  auto answer = reader_.get(request, std::move(stop));
  if (answer && answer->ok() && lists_pods_of_a_node(request)) evictions_->see(*answer);
  return answer;
}

Result<ApiResponse> ToldApi::send(const ApiRequest& request, std::stop_token stop) {
  return evictions_->send(writer_, request, std::move(stop));
}

std::unique_ptr<remote::ApiWriter> ToldApi::beside(
    std::unique_ptr<remote::ApiWriter> writer) const {
  class Beside final : public remote::ApiWriter {
   public:
    Beside(std::shared_ptr<Evictions> evictions, std::unique_ptr<remote::ApiWriter> writer)
        : evictions_(std::move(evictions)), writer_(std::move(writer)) {}
    Result<ApiResponse> send(const ApiRequest& request, std::stop_token stop) override {
      return evictions_->send(*writer_, request, std::move(stop));
    }

   private:
    const std::shared_ptr<Evictions> evictions_;
    const std::unique_ptr<remote::ApiWriter> writer_;
  };
  return std::make_unique<Beside>(evictions_, std::move(writer));
}

}  // namespace drover::orchestrator
