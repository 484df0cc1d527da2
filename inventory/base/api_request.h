#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

namespace drover {

enum class Verb { Get, Post, Put, Patch, Delete };

/// "GET", "POST", ...
std::string_view verb_name(Verb verb);

/// One request to the Kubernetes API: a value. As part of a step it is a template, in which
/// `{name}` stands for a value of the moment (pod, uid, resourceVersion, run).
struct ApiRequest {
  Verb verb = Verb::Get;
  std::string path;  ///< with query, percent-encoded, for example /api/v1/nodes/w1
  /// JSON, or empty. A Patch is a merge patch; as an array it is a JSON patch (RFC 6902), which can
  /// change one item of a list and leave the others.
  std::string body;
  std::chrono::seconds timeout{10};
  bool apply = false;  ///< a Patch is a server-side apply: its body, JSON or YAML, is the end state

  bool mutates() const { return verb != Verb::Get; }
  std::string_view content_type() const;  ///< of the body
  bool operator==(const ApiRequest&) const = default;
};

/// An answer with an HTTP status; a broken connection is an Error instead.
struct ApiResponse {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;

  bool ok() const { return status >= 200 && status < 300; }
};

using Params = std::map<std::string, std::string>;

/// `tmpl` with each `{name}` replaced: percent-encoded in the path, JSON-escaped in the body, where
/// a placeholder always stands inside a JSON string. A name without a value in `params` is
/// Internal, and so is an empty or dotted value in the path, which would name another object;
/// unused values are fine.
Result<ApiRequest> instantiate(const ApiRequest& tmpl, const Params& params);

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
std::string percent_encode(std::string_view text);

}  // namespace drover
