#include "inventory/yaml_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"

namespace drover {
namespace {

bool has(const std::vector<std::string_view>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// The places in other maps that have the key: it may only stand in the wrong one.
std::vector<std::string> homes_of(std::string_view key, const std::vector<KeySet>& keys) {
  std::vector<std::string> homes;
  for (const KeySet& set : keys) {
    if (!has(set.supported, key)) continue;
    homes.push_back(set.map.empty() ? "at the top of the file" : fmt::format("under {}", set.map));
  }
  return homes;
}

std::string advice(std::string_view key, const KeySet& keys, const std::vector<KeySet>& all) {
  std::vector<std::string> candidates(keys.supported.begin(), keys.supported.end());
  const std::string known = join(candidates, ", ");
  candidates.insert(candidates.end(), keys.later.begin(), keys.later.end());
  const std::vector<std::string> homes = homes_of(key, all);
  if (!homes.empty()) return fmt::format("it belongs {}", join(homes, " or "));
  if (const auto near = nearest(key, candidates)) {
    return fmt::format("did you mean \"{}\"?{}", *near,
                       has(keys.later, *near) ? " (not supported yet)" : "");
  }
  return fmt::format("known here: {}", known);
}

}  // namespace

std::string shown(std::string_view text) { return fmt::format("\"{}\"", sanitise(text, 60)); }

bool one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < 0x20; });
}

void check_header(const YamlField& top, std::string_view kind) {
  const YamlField version = top["apiVersion"];
  if (const auto text = version.text(); text && *text != "drover/v1") {
    version.refuse(fmt::format("{} is not known here", shown(*text)), "allowed: drover/v1");
  }
  const YamlField found = top["kind"];
  if (const auto text = found.text(); text && *text != kind) {
    found.refuse(fmt::format("{} is not the kind of this file", shown(*text)),
                 fmt::format("allowed: {}", kind));
  }
}

Diagnostics YamlReport::take() {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                   });
  return std::move(diagnostics);
}

YamlField::YamlField(const YamlValue& root, YamlReport& report)
    : YamlField(&root, YamlPlace{}, "", "", &report) {}

YamlField::YamlField(const YamlValue* value, YamlPlace place, std::string key, std::string path,
                     YamlReport* report)
    : value_(value), place_(place), key_(std::move(key)), path_(std::move(path)), report_(report) {}

YamlField YamlField::operator[](std::string_view key) const {
  const std::string path = path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  if (value_ != nullptr) {
    for (const YamlEntry& entry : value_->entries) {
      if (entry.key != key) continue;
      return YamlField(&entry.value, entry.key_place, entry.key, path, report_);
    }
  }
  return YamlField(nullptr, place_, std::string(key), path, report_);
}

bool YamlField::is_map() const {
  return written() &&
         (value_->kind == YamlValue::Kind::Map || value_->kind == YamlValue::Kind::Null);
}

YamlPlace YamlField::place() const {
  const bool at_value = value_ != nullptr && value_->kind != YamlValue::Kind::Map;
  return at_value ? value_->place : place_;
}

void YamlField::refuse(std::string_view problem, std::string remedy) const {
  report_->diagnostics.push_back({report_->file, place().line, place().column,
                                  fmt::format("{}: {}", sanitise(path_, 120), problem),
                                  std::move(remedy)});
}

void YamlField::require(std::string remedy) const {
  if (!written()) refuse("missing", std::move(remedy));
}

bool YamlField::is(YamlValue::Kind kind, std::string_view expected) const {
  if (value_ == nullptr) return false;
  if (value_->kind == kind) return true;
  if (value_->kind == YamlValue::Kind::Null) {
    refuse("no value", fmt::format("write {}", expected));
    return false;
  }
  constexpr std::string_view kNames[] = {"nothing", "a single value", "a list", "a map"};
  refuse(fmt::format("{} where {} belongs", kNames[static_cast<int>(value_->kind)], expected), "");
  return false;
}

void YamlField::refuse_key(const YamlEntry& entry, const KeySet& keys) const {
  const YamlField field(nullptr, entry.key_place, entry.key,
                        path_.empty() ? entry.key : fmt::format("{}.{}", path_, entry.key),
                        report_);
  if (has(keys.later, entry.key)) {
    field.refuse("not supported yet", "leave it out");
  } else {
    field.refuse("unknown key", advice(entry.key, keys, *report_->keys));
  }
}

void YamlField::check_keys(std::string_view map) const {
  const auto keys = std::find_if(report_->keys->begin(), report_->keys->end(),
                                 [&](const KeySet& set) { return set.map == map; });
  if (!written() || (!is_map() && !is(YamlValue::Kind::Map, "a map"))) return;
  for (const YamlEntry& entry : value_->entries) {
    if (!has(keys->supported, entry.key)) refuse_key(entry, *keys);
  }
}

std::optional<std::string> YamlField::text() const {
  if (!is(YamlValue::Kind::Scalar, "a single value")) return std::nullopt;
  return value_->text;
}

std::optional<int> YamlField::whole(int least, int most) const {
  if (!is(YamlValue::Kind::Scalar, "a whole number")) return std::nullopt;
  const std::string expected = most == std::numeric_limits<int>::max()
                                   ? fmt::format("a whole number from {}", least)
                                   : fmt::format("a whole number from {} to {}", least, most);
  const std::string& text = value_->text;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool decimal = end == text.data() + text.size() && error != std::errc::invalid_argument;
  const bool octal_looking = text.size() > 1 && text[text[0] == '-' ? 1 : 0] == '0';
  if (!decimal || octal_looking || value_->quoted) {
    refuse(fmt::format("{} is not a whole number", shown(text)),
           decimal && value_->quoted && !octal_looking ? "write it without quotes"
                                                       : "allowed: " + expected);
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range || number < least || number > most) {
    refuse(fmt::format("{} is out of range", sanitise(text, 60)), "allowed: " + expected);
    return std::nullopt;
  }
  return number;
}

std::optional<bool> YamlField::flag() const {
  if (!is(YamlValue::Kind::Scalar, "true or false")) return std::nullopt;
  if (!value_->quoted && value_->text == "true") return true;
  if (!value_->quoted && value_->text == "false") return false;
  refuse(fmt::format("{} is neither true nor false", shown(value_->text)),
         "allowed: true, false, without quotes");
  return std::nullopt;
}

std::optional<std::chrono::seconds> YamlField::duration(std::chrono::seconds least) const {
  if (!is(YamlValue::Kind::Scalar, "a duration")) return std::nullopt;
  const auto value = parse_duration(trim(value_->text));
  if (!value) {
    refuse(sanitise(value.error().message, 200), value.error().remedy);
    return std::nullopt;
  }
  if (*value < least) {
    refuse(fmt::format("{} is too short", shown(value_->text)),
           "allowed: at least " + format_duration(least));
    return std::nullopt;
  }
  return *value;
}

std::vector<YamlField> YamlField::items() const {
  std::vector<YamlField> fields;
  if (!is(YamlValue::Kind::List, "a list")) return fields;
  for (const YamlValue& item : value_->items) {
    fields.push_back(YamlField(&item, item.place, key_, path_, report_));
  }
  return fields;
}

std::vector<YamlField> YamlField::items_or_one() const {
  if (value_ != nullptr && value_->kind == YamlValue::Kind::Scalar) return {*this};
  return items();
}

std::vector<YamlField> YamlField::fields() const {
  std::vector<YamlField> fields;
  if (!written() || (!is_map() && !is(YamlValue::Kind::Map, "a map"))) return fields;
  for (const YamlEntry& entry : value_->entries) {
    fields.push_back(YamlField(&entry.value, entry.key_place, entry.key,
                               path_.empty() ? entry.key : fmt::format("{}.{}", path_, entry.key),
                               report_));
  }
  return fields;
}

}  // namespace drover
