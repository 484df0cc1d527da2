#include "orchestrator/control/control_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

std::string line_of(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

Error wrong(std::string message) {
  return {.kind = ErrorKind::State,
          .message = std::move(message),
          .remedy = "use the same version of Drover for both"};
}

/// An object of our version.
Result<nlohmann::json> read_object(std::string_view line) {
  constexpr bool kThrow = true;
  auto json = nlohmann::json::parse(line, nullptr, !kThrow);
  if (!json.is_object()) return wrong("what was said is no object of JSON");
  const auto version = json.find("v");
  if (version == json.end() || !version->is_number_integer()) {
    return wrong("what was said has no version");
  }
  if (*version != kControlVersion) {
    return wrong(fmt::format("version {} of the control socket is not known, {} is",
                             sanitise(version->dump()), kControlVersion));
  }
  return json;
}

}  // namespace

std::string_view ask_name(ControlAsk ask) {
  switch (ask) {
    case ControlAsk::Pause:
      return "pause";
    case ControlAsk::Cancel:
      return "cancel";
  }
  return "";
}

std::string format_ask(ControlAsk ask) {
  return line_of({{"v", kControlVersion}, {"ask", ask_name(ask)}});
}

std::string format_answer(const ControlAnswer& answer) {
  return line_of({{"v", kControlVersion}, {"ok", answer.ok}, {"message", answer.message}});
}

Result<ControlAsk> read_ask(std::string_view line) {
  DROVER_TRY_ASSIGN(const nlohmann::json json, read_object(line));
  const auto ask = json.find("ask");
  for (const ControlAsk known : {ControlAsk::Pause, ControlAsk::Cancel}) {
    if (ask != json.end() && *ask == ask_name(known)) return known;
  }
  return wrong("what is asked for is neither pause nor cancel");
}

Result<ControlAnswer> read_answer(std::string_view line) {
  DROVER_TRY_ASSIGN(const nlohmann::json json, read_object(line));
  const auto ok = json.find("ok");
  const auto message = json.find("message");
  if (ok == json.end() || !ok->is_boolean() || message == json.end() || !message->is_string()) {
    return wrong("the answer is none of this version");
  }
  return ControlAnswer{ok->get<bool>(), message->get<std::string>()};
}

}  // namespace drover::orchestrator
