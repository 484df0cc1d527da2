#include "inventory/cluster/json.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace drover {
namespace {

constexpr size_t kDeepest = 100;  // values are destroyed by recursion; the API nests far less

Error json_error(std::string_view object, std::string_view why) {
  Error error;
  error.kind = ErrorKind::Api;
  error.message = fmt::format("{}: {}", object, why);
  return error;
}

// Builds the tree from nlohmann's events. With an item consumer, each element of the top object's
// `items` is handed over as soon as it is whole, and dropped.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  using ItemConsumer = std::function<Status(const JsonValue&)>;
  TreeBuilder(std::string_view kind, const ItemConsumer* consume)
      : kind_(kind), consume_(consume) {}

  JsonValue& root() { return root_; }
  Error error() const { return error_.value_or(json_error(kind_, "not JSON")); }

  bool null() override { return put(JsonValue{}); }
  bool boolean(bool value) override { return put(JsonValue{value}); }
  bool number_integer(std::int64_t value) override { return put(JsonValue{value}); }
  bool number_unsigned(std::uint64_t value) override {
    if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      return put(JsonValue{static_cast<double>(value)});
    }
    return put(JsonValue{static_cast<std::int64_t>(value)});
  }
  bool number_float(double value, const std::string&) override { return put(JsonValue{value}); }
  bool string(std::string& value) override {
    return skipping() || put(JsonValue{std::move(value)});
  }
  bool binary(nlohmann::json::binary_t&) override { return false; }

  bool start_object(size_t) override { return open(JsonValue{JsonValue::Object{}}); }
  bool start_array(size_t) override { return open(JsonValue{JsonValue::Array{}}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    if (skip_depth_ > 0) return true;
    skip_next_ = name == "managedFields";
    if (skip_next_) return true;
    std::get<JsonValue::Object>(open_.back()->data).push_back({std::move(name), {}});
    return true;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    error_ = json_error(kind_, fmt::format("not JSON at byte {}", position));
    return false;
  }

 private:
  bool skipping() {
    if (skip_depth_ > 0) return true;
    return std::exchange(skip_next_, false);
  }

  bool put(JsonValue value) {
    if (!skipping()) place(std::move(value));
    return true;
  }

  JsonValue* place(JsonValue value) {
    JsonValue* slot = &root_;
    if (!open_.empty()) {
      if (auto* array = std::get_if<JsonValue::Array>(&open_.back()->data)) {
        slot = &array->emplace_back();
      } else {
        slot = &std::get<JsonValue::Object>(open_.back()->data).back().value;
      }
    }
    *slot = std::move(value);
    return slot;
  }

  bool open(JsonValue value) {
    if (skipping()) {
      ++skip_depth_;
      return true;
    }
    if (open_.size() == kDeepest) {
      error_ = json_error(kind_, fmt::format("nested more than {} deep", kDeepest));
      return false;
    }
    open_.push_back(place(std::move(value)));
    return true;
  }

  bool close() {
    if (skip_depth_ > 0) {
      --skip_depth_;
      return true;
    }
    open_.pop_back();
    return consume_ == nullptr || !item_ended() || hand_over();
  }

  bool item_ended() const {
    if (open_.size() != 2 || !std::holds_alternative<JsonValue::Array>(open_[1]->data))
      return false;
    const auto* top = std::get_if<JsonValue::Object>(&root_.data);
    return top != nullptr && top->back().key == "items";
  }

  bool hand_over() {
    auto& items = std::get<JsonValue::Array>(open_[1]->data);
    if (Status status = (*consume_)(items.back()); !status) {
      error_ = status.error();
      return false;
    }
    items.clear();
    return true;
  }

  const std::string_view kind_;
  const ItemConsumer* consume_;
  JsonValue root_;
  std::vector<JsonValue*> open_;  // pointers stay good: only the innermost container grows
  size_t skip_depth_ = 0;
  bool skip_next_ = false;
  std::optional<Error> error_;
};

std::string_view type_name(const JsonValue& value) {
  constexpr std::string_view kNames[] = {"null",     "a boolean", "a number", "a number",
                                         "a string", "a list",    "an object"};
  return kNames[value.data.index()];
}

const std::string* string_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = object.find(key);
  return value == nullptr ? nullptr : std::get_if<std::string>(&value->data);
}

Result<JsonValue> build(std::string_view json, std::string_view kind,
                        const TreeBuilder::ItemConsumer* consume) {
  TreeBuilder builder(kind, consume);
  if (!nlohmann::json::sax_parse(json, &builder)) return builder.error();
  if (!std::holds_alternative<JsonValue::Object>(builder.root().data)) {
    return json_error(kind, fmt::format("{} where an object belongs", type_name(builder.root())));
  }
  const std::string* found = string_at(builder.root(), "kind");
  const bool generic_list = consume != nullptr && found != nullptr && *found == "List";
  if (found != nullptr && !generic_list && *found != kind) {
    return json_error(kind, fmt::format("kind is \"{}\"", found->substr(0, 80)));
  }
  return std::move(builder.root());
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto* members = std::get_if<Object>(&data);
  if (members == nullptr) return nullptr;
  for (const JsonMember& member : *members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

JsonField JsonField::operator[](std::string_view key) const {
  const auto* object = as<JsonValue::Object>("an object");
  std::string path = path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  return JsonField(object == nullptr ? nullptr : value_->find(key), std::move(path), problem_);
}

bool JsonField::present() const {
  return value_ != nullptr && !std::holds_alternative<std::monostate>(value_->data);
}

void JsonField::refuse(std::string_view why) const {
  if (problem_->empty()) *problem_ = fmt::format("{} {}", path_, why);
}

template <class T>
const T* JsonField::as(std::string_view expected) const {
  if (!present()) return nullptr;
  const T* value = std::get_if<T>(&value_->data);
  if (value == nullptr) {
    refuse(fmt::format("is {} where {} belongs", type_name(*value_), expected));
  }
  return value;
}

std::string JsonField::text() const {
  const auto* value = as<std::string>("a string");
  return value == nullptr ? std::string() : *value;
}

std::int64_t JsonField::big_number() const {
  const auto* value = as<std::int64_t>("a whole number");
  return value == nullptr ? 0 : *value;
}

int JsonField::number(int absent) const {
  if (!present()) return absent;
  const std::int64_t value = big_number();
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    refuse("is out of range");
    return absent;
  }
  return static_cast<int>(value);
}

bool JsonField::flag() const {
  const auto* value = as<bool>("a boolean");
  return value != nullptr && *value;
}

std::string JsonField::text_or_number() const {
  if (present() && std::holds_alternative<std::int64_t>(value_->data)) {
    return std::to_string(std::get<std::int64_t>(value_->data));
  }
  const auto* value = as<std::string>("a number or a string");
  return value == nullptr ? std::string() : *value;
}

std::vector<JsonField> JsonField::items() const {
  std::vector<JsonField> fields;
  const auto* array = as<JsonValue::Array>("a list");
  if (array == nullptr) return fields;
  fields.reserve(array->size());
  for (const JsonValue& item : *array) {
    fields.emplace_back(&item, fmt::format("{}[{}]", path_, fields.size()), problem_);
  }
  return fields;
}

std::vector<std::string> JsonField::texts() const {
  std::vector<std::string> texts;
  for (const JsonField& item : items()) texts.push_back(item.text());
  return texts;
}

std::map<std::string, std::string> JsonField::text_map() const {
  std::map<std::string, std::string> map;
  const auto* members = as<JsonValue::Object>("an object");
  if (members == nullptr) return map;
  for (const JsonMember& member : *members) {
    const auto* text = std::get_if<std::string>(&member.value.data);
    if (text == nullptr) {
      refuse(fmt::format("has {} under \"{}\" where a string belongs", type_name(member.value),
                         member.key.substr(0, 80)));
      continue;
    }
    map.emplace(member.key, *text);
  }
  return map;
}

Result<JsonValue> parse_json(std::string_view json, std::string_view kind) {
  return build(json, kind, nullptr);
}

namespace json_detail {

Status parse_items(std::string_view json, std::string_view kind,
                   const std::function<Status(const JsonValue&)>& item) {
  const std::string list_kind = fmt::format("{}List", kind);
  DROVER_TRY_ASSIGN(const JsonValue list, build(json, list_kind, &item));
  const JsonValue* items = list.find("items");
  if (items == nullptr) return json_error(list_kind, "items is missing");
  if (const auto* left = std::get_if<JsonValue::Array>(&items->data)) {
    if (left->empty()) return {};
    return json_error(list_kind,
                      fmt::format("items holds {} where objects belong", type_name(left->front())));
  }
  // Go prints a list that was never filled as null.
  if (std::holds_alternative<std::monostate>(items->data)) return {};
  return json_error(list_kind, fmt::format("items is {} where a list belongs", type_name(*items)));
}

Status judge(const JsonValue& object, std::string_view kind, const std::string& problem) {
  const JsonValue* metadata = object.find("metadata");
  const std::string* name = metadata == nullptr ? nullptr : string_at(*metadata, "name");
  if (name == nullptr || name->empty()) {
    const bool other = problem.rfind("metadata", 0) == 0;
    return json_error(kind, other ? problem : "metadata.name is missing");
  }
  if (problem.empty()) return {};
  const std::string* ns = string_at(*metadata, "namespace");
  const std::string prefix = ns == nullptr || ns->empty() ? "" : *ns + "/";
  return json_error(fmt::format("{} {}{}", kind, prefix, *name), problem);
}

}  // namespace json_detail
}  // namespace drover
