#include "inventory/cluster/api_status.h"

#include <algorithm>
#include <optional>

#include "inventory/cluster/json.h"

namespace drover {
namespace {

constexpr size_t kFirstBytes = 512;

std::optional<ApiStatus> read_status(std::string_view body) {
  const auto object = parse_json(body, "Status");
  if (!object || object->find("kind") == nullptr) return std::nullopt;
  std::string problem;
  const JsonField field(&*object, "", &problem);
  ApiStatus status;
  status.reason = field["reason"].text();
  status.message = field["message"].text();
  for (const JsonField& cause : field["details"]["causes"].items()) {
    status.causes.push_back({cause["reason"].text(), cause["message"].text()});
  }
  if (!problem.empty()) return std::nullopt;
  return status;
}

}  // namespace

bool ApiStatus::has_cause(std::string_view cause) const {
  return std::any_of(causes.begin(), causes.end(),
                     [&](const Cause& each) { return each.reason == cause; });
}

ApiStatus read_api_status(const ApiResponse& response) {
  ApiStatus status;
  if (auto read = read_status(response.body)) {
    status = std::move(*read);
  } else {
    status.message = response.body.substr(0, kFirstBytes);
  }
  status.code = response.status;
  return status;
}

ErrorKind kind_of_refusal(int status) {
  constexpr int kTooManyRequests = 429;
  constexpr int kServerError = 500;
  return status == kTooManyRequests || status >= kServerError ? ErrorKind::Unreachable
                                                              : ErrorKind::Api;
}

}  // namespace drover
