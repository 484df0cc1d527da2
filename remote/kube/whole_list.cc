#include "remote/kube/whole_list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace drover::remote {
namespace {

using Json = nlohmann::json;

constexpr int kPageSize = 500;
constexpr int kBeginnings = 4;
constexpr int kGone = 410;

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

std::string page_path(const std::string& path, const std::string& token) {
  const char mark = path.find('?') == path.npos ? '?' : '&';
  std::string page = fmt::format("{}{}limit={}", path, mark, kPageSize);
  if (!token.empty()) page += "&continue=" + percent_encode(token);
  return page;
}

bool is_list(const Json& body) {
  if (!body.is_object()) return false;
  const auto kind = body.find("kind");
  return kind != body.end() && kind->is_string() &&
         kind->get_ref<const std::string&>().ends_with("List");
}

// What to ask the next page with; empty after the last one.
std::string continue_token(const Json& list) {
  const auto metadata = list.find("metadata");
  if (metadata == list.end() || !metadata->is_object()) return {};
  const auto token = metadata->find("continue");
  return token != metadata->end() && token->is_string() ? token->get<std::string>() : std::string();
}

void move_items(Json& from, Json& to) {
  const auto items = from.find("items");
  if (items == from.end() || !items->is_array()) return;
  for (Json& item : *items) to["items"].push_back(std::move(item));
}

struct Pages {
  ApiResponse response;
  bool expired = false;  ///< the response refuses a page that is not the first
};

Result<Pages> get_pages(const std::string& path, const FetchPage& fetch) {
  DROVER_TRY_ASSIGN(ApiResponse first, fetch(page_path(path, "")));
  if (!first.ok()) return Pages{std::move(first)};
  Json whole = Json::parse(first.body, nullptr, false);
  std::string token = is_list(whole) ? continue_token(whole) : std::string();
  if (token.empty()) return Pages{std::move(first)};
  while (!token.empty()) {
    DROVER_TRY_ASSIGN(ApiResponse response, fetch(page_path(path, token)));
    const bool expired = response.status == kGone;
    if (!response.ok()) return Pages{std::move(response), expired};
    Json page = Json::parse(response.body, nullptr, false);
    if (!is_list(page)) {
      Error error;
      error.kind = ErrorKind::Api;
      error.message = "a page of the list " + path + " is not a list";
      error.detail = std::move(response.body);
      return error;
    }
    move_items(page, whole);
    token = continue_token(page);
  }
  whole["metadata"].erase("continue");
  whole["metadata"].erase("remainingItemCount");
  first.body = whole.dump(-1, ' ', false, Json::error_handler_t::replace);
  return Pages{std::move(first)};
}

}  // namespace

bool names_list(std::string_view path) {
  const size_t mark = std::min(path.find('?'), path.size());
  const std::string_view query = path.substr(mark);
  for (const std::string_view own : {"limit=", "continue=", "watch="})
    for (const char before : {'?', '&'})
      if (query.find(before + std::string(own)) != query.npos) return false;

  const std::vector<std::string_view> parts = segments(path.substr(0, mark));
  if (parts.empty()) return false;
  size_t resource = 0;  // index of the first part after the API's group and version
  if (parts[0] == "api") resource = 2;
  if (parts[0] == "apis") resource = 3;
  if (resource == 0 || parts.size() <= resource) return false;
  const size_t count = parts.size() - resource;
  return count == 1 || (count == 3 && parts[resource] == "namespaces");
}

Result<ApiResponse> get_whole_list(const std::string& path, const FetchPage& fetch) {
  for (int beginning = 1;; ++beginning) {
    DROVER_TRY_ASSIGN(Pages pages, get_pages(path, fetch));
    if (!pages.expired || beginning == kBeginnings) return std::move(pages.response);
  }
}

}  // namespace drover::remote
