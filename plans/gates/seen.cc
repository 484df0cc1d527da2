#include "plans/gates/seen.h"

#include <algorithm>

namespace drover::plans {
namespace {

template <class Value>
const Value& not_asked() {
  static const Value kNone = Error{.kind = ErrorKind::Internal, .message = "this was not asked"};
  return kNone;
}

template <class Query, class Answer, class Same>
const Answer& find(const std::vector<Query>& queries, const std::vector<Answer>& answers,
                   Same same) {
  const auto found = std::find_if(queries.begin(), queries.end(), same);
  const auto place = static_cast<size_t>(found - queries.begin());
  return place < answers.size() ? answers[place] : not_asked<Answer>();
}

template <class Query>
void add(std::vector<Query>& to, std::vector<Query>& from) {
  for (Query& query : from) {
    if (std::find(to.begin(), to.end(), query) == to.end()) to.push_back(std::move(query));
  }
}

}  // namespace

bool Seen::asked(const std::string& path) const {
  return std::any_of(queries_.requests.begin(), queries_.requests.end(),
                     [&](const ApiRequest& request) { return request.path == path; });
}

const Result<ApiResponse>& Seen::get(const std::string& path) const {
  return find(queries_.requests, answers_.responses,
              [&](const ApiRequest& request) { return request.path == path; });
}

const Result<CommandResult>& Seen::of(const Command& command) const {
  return find(queries_.commands, answers_.commands,
              [&](const Command& asked) { return asked == command; });
}

const Result<CommandResult>& Seen::of(const LocalProgram& program) const {
  return find(queries_.programs, answers_.programs,
              [&](const LocalProgram& asked) { return asked == program; });
}

const Result<ApiResponse>& Seen::of(const WebRequest& page) const {
  return find(queries_.pages, answers_.pages,
              [&](const WebRequest& asked) { return asked == page; });
}

void ask(Queries& queries, Queries more) {
  add(queries.commands, more.commands);
  add(queries.requests, more.requests);
  add(queries.programs, more.programs);
  add(queries.pages, more.pages);
}

}  // namespace drover::plans
