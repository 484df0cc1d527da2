#include <algorithm>

#include "plans/steps/kind.h"

namespace drover::plans {
namespace {

const std::string& value_in(const Notes& notes, std::string_view name) {
  static const std::string kAbsent;
  const auto found = notes.find(std::string(name));
  return found == notes.end() ? kAbsent : found->second;
}

}  // namespace

const CommandResult* Attempt::result_of(size_t command) const {
  const auto newest = std::find_if(ran.rbegin(), ran.rend(),
                                   [&](const Ran& one) { return one.command == command; });
  return newest == ran.rend() ? nullptr : &newest->result;
}

const std::string& Attempt::note(std::string_view name) const { return value_in(notes, name); }

const std::string& Attempt::note_of(std::string_view step_id, std::string_view name) const {
  static const Notes kNone;
  const auto found = earlier.find(std::string(step_id));
  return value_in(found == earlier.end() ? kNone : found->second, name);
}

}  // namespace drover::plans
