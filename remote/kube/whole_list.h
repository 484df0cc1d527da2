#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"

namespace drover::remote {

/// True if a Get of `path` answers with a list that may come in pages: it names a resource without
/// an object of it, and its query does not page or watch by itself.
bool names_list(std::string_view path);

/// Answers a Get of the path and query given.
using FetchPage = std::function<Result<ApiResponse>(const std::string& path)>;

/// Fetches the list at `path` page by page and gives it back as one, as if the server had sent it
/// whole. A list that expires on the way (410) is begun again, at most three times. Any page's
/// refusal is the answer; a page that is no list is an Error (Api). What comes as one page is not
/// touched.
Result<ApiResponse> get_whole_list(const std::string& path, const FetchPage& fetch);

}  // namespace drover::remote
