#include "remote/ssh/capsule.h"

#include <algorithm>
#include <charconv>

#include "remote/ssh/capsule_script.h"
#include "remote/ssh/frame.h"

namespace drover::remote {
namespace {

std::string_view verb_text(CapsuleCall::Verb verb) {
  switch (verb) {
    case CapsuleCall::Verb::Start:
      return "start";
    case CapsuleCall::Verb::Follow:
      return "follow";
    case CapsuleCall::Verb::State:
      return "state";
    case CapsuleCall::Verb::Cancel:
      return "cancel";
  }
  return "state";
}

}  // namespace

std::string capsule_frame() { return capsule_script(); }

std::string capsule_input(const std::string& nonce, const CapsuleCall& call) {
  return call_input(nonce, capsule_frame(),
                    {std::string(verb_text(call.verb)), call.folder, call.id, nonce,
                     std::to_string(call.out_bytes), std::to_string(call.err_bytes), call.script});
}

std::optional<CapsuleState> parse_capsule_state(std::string_view text) {
  using Kind = CapsuleState::Kind;
  if (text == "absent") return CapsuleState{Kind::Absent, {}};
  if (text == "prepared") return CapsuleState{Kind::Prepared, {}};
  if (text == "running") return CapsuleState{Kind::Running, {}};
  if (text == "lost") return CapsuleState{Kind::Lost, {}};
  if (text == "rebooted") return CapsuleState{Kind::Rebooted, {}};
  if (!text.starts_with("rc=")) return std::nullopt;
  text.remove_prefix(3);
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return CapsuleState{Kind::Done, code};
}

bool valid_capsule_id(std::string_view id) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto allowed = [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  return !id.empty() && id.size() <= 200 && alphanumeric(id.front()) &&
         std::all_of(id.begin(), id.end(), allowed);
}

}  // namespace drover::remote
