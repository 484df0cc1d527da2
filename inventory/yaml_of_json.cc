#include "inventory/yaml_of_json.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

namespace drover {
namespace {

using nlohmann::ordered_json;

bool is_word(std::string_view text) {
  const auto is = [](char c, std::string_view more) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != more.npos;
  };
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is(c, "-_./"); });
}

/// What YAML 1.1 takes for a truth value or for nothing, in whatever case.
bool is_keyword(std::string_view text) {
  constexpr std::array<std::string_view, 9> kWords = {"y",  "n",   "yes",  "no",   "true",
                                                      "on", "off", "null", "false"};
  std::string small(text);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kWords.begin(), kWords.end(), small) != kWords.end();
}

void emit_text(YAML::Emitter& out, const std::string& text) {
  if (!is_word(text) || is_keyword(text)) out << YAML::DoubleQuoted;
  out << text;
}

void emit(YAML::Emitter& out, const ordered_json& value) {
  if (value.is_structured() && value.empty()) out << YAML::Flow;
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, inner] : value.items()) {
      out << YAML::Key;
      emit_text(out, key);
      out << YAML::Value;
      emit(out, inner);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << YAML::BeginSeq;
    for (const ordered_json& inner : value) emit(out, inner);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    emit_text(out, value.get_ref<const std::string&>());
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << value.dump();  // numbers, true and false are the same in both
  }
}

}  // namespace

std::string yaml_of_json(std::string_view json) {
  YAML::Emitter out;
  out.SetOutputCharset(YAML::EscapeNonAscii);
  out.SetNullFormat(YAML::LowerNull);
  emit(out, ordered_json::parse(json));
  return std::string(out.c_str(), out.size()) + '\n';
}

}  // namespace drover
