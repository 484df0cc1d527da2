#include "inventory/base/api_request.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace drover {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The name of the placeholder at the front of `text`, which starts with a brace; empty if it is
// none.
std::string_view placeholder(std::string_view text) {
  size_t end = 1;
  while (end < text.size() && letter(text[end])) ++end;
  const bool closed = end > 1 && end < text.size() && text[end] == '}';
  return closed ? text.substr(1, end - 1) : std::string_view{};
}

Error internal(std::string message) {
  Error error;
  error.kind = ErrorKind::Internal;
  error.message = std::move(message);
  return error;
}

// Values are put in once and never looked at again, so that no value can name another one.
template <class Encode>
Result<std::string> fill(std::string_view tmpl, const Params& params, Encode encode) {
  std::string text;
  while (!tmpl.empty()) {
    const size_t brace = std::min(tmpl.find('{'), tmpl.size());
    text += tmpl.substr(0, brace);
    tmpl.remove_prefix(brace);
    if (tmpl.empty()) break;
    const std::string name(placeholder(tmpl));
    if (name.empty()) {
      text += '{';
      tmpl.remove_prefix(1);
      continue;
    }
    const auto found = params.find(name);
    if (found == params.end()) {
      return internal(fmt::format("API request template needs a value for \"{}\"", name));
    }
    DROVER_TRY_ASSIGN(const std::string value, encode(name, found->second));
    text += value;
    tmpl.remove_prefix(name.size() + 2);
  }
  return text;
}

// An empty or dotted segment would turn an object's path into that of another one or of all.
Result<std::string> path_segment(const std::string& name, const std::string& value) {
  if (value.empty() || value == "." || value == "..") {
    return internal(fmt::format("\"{}\" is no value for \"{}\" in an API path", value, name));
  }
  return percent_encode(value);
}

Result<std::string> json_content(const std::string& name, const std::string& value) {
  try {
    const std::string text = nlohmann::json(value).dump();
    return text.substr(1, text.size() - 2);
  } catch (const nlohmann::json::exception&) {
    return internal(fmt::format("the value for \"{}\" in an API body is not UTF-8", name));
  }
}

}  // namespace

std::string_view verb_name(Verb verb) {
  switch (verb) {
    case Verb::Get:
      return "GET";
    case Verb::Post:
      return "POST";
    case Verb::Put:
      return "PUT";
    case Verb::Patch:
      return "PATCH";
    case Verb::Delete:
      return "DELETE";
  }
  return "";
}

std::string_view ApiRequest::content_type() const {
  if (verb != Verb::Patch) return "application/json";
  if (apply) return "application/apply-patch+yaml";
  const bool list = !body.empty() && body.front() == '[';
  return list ? "application/json-patch+json" : "application/merge-patch+json";
}

Result<ApiRequest> instantiate(const ApiRequest& tmpl, const Params& params) {
  ApiRequest request = tmpl;
  DROVER_TRY_ASSIGN(request.path, fill(tmpl.path, params, path_segment));
  DROVER_TRY_ASSIGN(request.body, fill(tmpl.body, params, json_content));
  return request;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (char c : text) {
    const bool unreserved =
        letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace drover
