#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "remote/kube_api.h"

namespace drover::test {

/// The API server's behaviour towards one Lease: create, replace under optimistic locking, read. A
/// hook before each request lets a test put another client's request in between, or lose an answer.
class LeaseApi final : public remote::ApiReader, public remote::ApiWriter {
 public:
  Result<ApiResponse> get(const ApiRequest&, std::stop_token) override {
    if (before) before();
    if (garble_reads > 0) {
      --garble_reads;
      return ApiResponse{200, "<html>", {}};
    }
    if (!lease) return status(404, "NotFound");
    return ApiResponse{200, lease->dump(), {}};
  }

  Result<ApiResponse> send(const ApiRequest& request, std::stop_token) override {
    if (before) before();
    if (lose_requests > 0) {
      --lose_requests;
      return Error{.kind = ErrorKind::Unknown, .message = "no answer"};
    }
    const auto body = nlohmann::json::parse(request.body);
    const ApiResponse answer = store(request.verb, body);
    if (lose_answers > 0) {
      --lose_answers;
      return Error{.kind = ErrorKind::Unknown, .message = "no answer"};
    }
    return answer;
  }

  std::string holder() const {
    return lease ? (*lease)["spec"]["holderIdentity"].get<std::string>() : "";
  }
  void put(const std::string& holder_identity) {
    lease = nlohmann::json{{"metadata", {{"name", "drover"}, {"namespace", "kube-system"}}},
                           {"spec", {{"holderIdentity", holder_identity}}}};
    stamp();
  }

  std::optional<nlohmann::json> lease;
  std::function<void()> before;
  int lose_answers = 0;   ///< requests that arrive, and whose answers do not
  int lose_requests = 0;  ///< requests that do not arrive
  int garble_reads = 0;   ///< reads that are answered with what is no JSON

 private:
  ApiResponse store(Verb verb, const nlohmann::json& body) {
    if (verb == Verb::Post) {
      if (lease) return status(409, "AlreadyExists");
      lease = body;
      stamp();
      return {201, lease->dump(), {}};
    }
    if (!lease) return status(404, "NotFound");
    const auto version = body["metadata"].value("resourceVersion", "");
    if (version != (*lease)["metadata"]["resourceVersion"]) return status(409, "Conflict");
    lease = body;
    stamp();
    return {200, lease->dump(), {}};
  }
  void stamp() { (*lease)["metadata"]["resourceVersion"] = std::to_string(++version_); }
  static ApiResponse status(int code, const std::string& reason) {
    const nlohmann::json body = {
        {"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", reason}};
    return {code, body.dump(), {}};
  }
  int version_ = 0;
};

}  // namespace drover::test
