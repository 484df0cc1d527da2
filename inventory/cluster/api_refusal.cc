#include "inventory/cluster/api_refusal.h"

#include <fmt/format.h>

#include <vector>

#include "inventory/base/text.h"
#include "inventory/cluster/api_status.h"

namespace drover {
namespace {

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  for (size_t from = 1; from <= path.size();) {
    const size_t end = std::min(path.find('/', from), path.size());
    parts.emplace_back(path.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

std::string rbac_verb(Verb verb, bool names_one, bool watches) {
  switch (verb) {
    case Verb::Get:
      return watches ? "watch" : names_one ? "get" : "list";
    case Verb::Post:
      return "create";
    case Verb::Put:
      return "update";
    case Verb::Patch:
      return "patch";
    case Verb::Delete:
      return "delete";
  }
  return "";
}

/// An apply makes what is not there: which it will be, is not known before.
std::string advice(const AccessRule& rule, bool applies) {
  if (rule.resource.empty()) return "";
  return fmt::format(
      "the user of this connection lacks the rule: verbs [\"{}\"{}], apiGroups [\"{}\"], resources "
      "[\"{}\"]{}; add it to a role of that user",
      rule.verb, applies ? ", \"create\"" : "", rule.group, rule.resource,
      rule.ns.empty() ? ", cluster-wide" : fmt::format(", in namespace {}", rule.ns));
}

}  // namespace

AccessRule access_rule(Verb verb, std::string_view path) {
  const size_t mark = std::min(path.find('?'), path.size());
  const std::string_view query = path.substr(mark);
  const bool watches = query.find("?watch=") != query.npos || query.find("&watch=") != query.npos;
  const std::vector<std::string> parts = segments(path.substr(0, mark));
  AccessRule rule;
  const bool grouped = !parts.empty() && parts[0] == "apis";
  size_t at = grouped ? 3 : 2;
  if (parts.empty() || (!grouped && parts[0] != "api") || parts.size() <= at) {
    rule.verb = rbac_verb(verb, true, false);
    return rule;
  }
  if (grouped) rule.group = parts[1];
  if (parts[at] == "namespaces" && parts.size() > at + 2) {
    rule.ns = parts[at + 1];
    at += 2;
  }
  rule.resource = parts[at];
  rule.verb = rbac_verb(verb, parts.size() > at + 1, watches);
  if (parts.size() > at + 2) rule.resource += '/' + parts[at + 2];
  return rule;
}

Error refusal(const ApiRequest& request, const ApiResponse& answer) {
  const std::string path = request.path.substr(0, request.path.find('?'));
  return refusal(fmt::format("{} {}", verb_name(request.verb), sanitise(path)), answer,
                 advice(access_rule(request.verb, request.path), request.apply));
}

}  // namespace drover
