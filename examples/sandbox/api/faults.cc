#include "examples/sandbox/api/faults.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "examples/sandbox/api/forbidden.h"

namespace drover::sandbox {
namespace {

constexpr const char* kJson = "application/json";

Sent status_of(Answer answer) {
  Sent sent{.status = answer.status, .body = answer.body.dump(), .content_type = kJson};
  if (answer.retry_after) sent.headers["Retry-After"] = std::to_string(*answer.retry_after);
  return sent;
}

}  // namespace

std::optional<ApiFaults::Rule> ApiFaults::take(const std::string& verb_and_target) {
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    if (verb_and_target.find(rule->text) == verb_and_target.npos) continue;
    const Rule taken = *rule;
    if (--rule->count <= 0) rules_.erase(rule);
    return taken;
  }
  return std::nullopt;
}

void ApiFaults::clear() {
  rules_.clear();
  slow = std::chrono::milliseconds{0};
  down = false;
  held_go_on = held > 0;
}

Sent failure(int status, const std::string& verb, const std::string& target) {
  switch (status) {
    case 401:
      return status_of(refuse(401, "Unauthorized", "Unauthorized"));
    case 403:
      return status_of(forbidden("kubernetes-admin", verb, target));
    case 410:
      return status_of(refuse(410, "Expired",
                              "The provided continue parameter is too old to display a consistent "
                              "list result. You can start a new list without the continue "
                              "parameter."));
    case 429: {
      Answer answer = refuse(429, "TooManyRequests", "Too many requests, please try again later.",
                             {{"retryAfterSeconds", 1}});
      answer.retry_after = 1;
      return status_of(std::move(answer));
    }
    case 500:
      return status_of(
          refuse(500, "InternalError", "Internal error occurred: etcdserver: request timed out"));
    case 503:
      return status_of(refuse(503, "ServiceUnavailable",
                              "the server is currently unable to handle the request"));
    case 504:
      return status_of(
          refuse(504, "Timeout", "Timeout: request did not complete within the allotted timeout"));
    default:
      throw std::invalid_argument(
          fmt::format("the status {} is none of 401, 403, 410, 429, 500, 503, 504", status));
  }
}

Sent garbage(unsigned number) {
  struct Shape {
    const char* type;
    const char* body;
  };
  static constexpr std::array<Shape, 3> kShapes = {{
      {"text/html", "<html><body><h1>Sign in to the network</h1></body></html>"},
      {kJson, "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":"},
      {kJson, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"rows\":[]}"},
  }};
  const Shape& shape = kShapes.at(number % kShapes.size());
  return {.status = 200, .body = shape.body, .content_type = shape.type};
}

}  // namespace drover::sandbox
