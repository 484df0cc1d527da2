#include "examples/sandbox/api/forbidden.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>

#include "examples/sandbox/api/query.h"

namespace drover::sandbox {
namespace {

// As RBAC calls the verb of a request.
std::string rbac_verb(const std::string& verb, bool named) {
  if (verb == "GET") return named ? "get" : "list";
  static const std::map<std::string, std::string> kVerbs = {
      {"POST", "create"}, {"PUT", "update"}, {"PATCH", "patch"}, {"DELETE", "delete"}};
  const auto found = kVerbs.find(verb);
  return found == kVerbs.end() ? verb : found->second;
}

}  // namespace

Answer forbidden(const std::string& user, const std::string& verb, const std::string& target) {
  const std::string path = target.substr(0, target.find('?'));
  // Group, namespace, resource, name, subresource.
  static const std::regex resource(
      R"(/apis?(?:/([^/]+))?/v\d[^/]*(?:/namespaces/([^/]+))?/([^/]+)(?:/([^/]+))?(?:/([^/]+))?)");
  std::smatch found;
  if (!std::regex_match(path, found, resource)) {
    std::string what = rbac_verb(verb, true);
    return refuse(403, "Forbidden",
                  fmt::format("forbidden: User \"{}\" cannot {} path \"{}\"", user, what, path),
                  nlohmann::json::object());
  }
  const std::string group = found[1];
  const std::string kind = found[3];
  const std::string name = percent_decode(found[4]);
  const std::string qualified = group.empty() ? kind : kind + "." + group;
  const std::string scope = found[2].matched
                                ? fmt::format("in the namespace \"{}\"", found[2].str())
                                : "at the cluster scope";
  const std::string whole = found[5].matched ? kind + "/" + found[5].str() : kind;
  nlohmann::json details = {{"kind", kind}};
  if (!group.empty()) details["group"] = group;
  if (!name.empty()) details["name"] = name;
  return refuse(
      403, "Forbidden",
      fmt::format("{}{} is forbidden: User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {}",
                  qualified, name.empty() ? "" : " \"" + name + "\"", user,
                  rbac_verb(verb, !name.empty()), whole, group, scope),
      std::move(details));
}

}  // namespace drover::sandbox
