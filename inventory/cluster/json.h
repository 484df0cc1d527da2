#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

struct JsonMember;

/// A JSON value as a plain tree, without `managedFields`, which nothing reads and which make up
/// half of an object of the API.
struct JsonValue {
  using Array = std::vector<JsonValue>;
  using Object = std::vector<JsonMember>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data;

  const JsonValue* find(std::string_view key) const;  ///< nullptr: absent, or not an object
};

struct JsonMember {
  std::string key;
  JsonValue value;
};

/// One field of an API object, read tolerantly: absent and null give the default. A value of a
/// wrong type gives the default too and is noted in the object's `problem`; the first one stays.
/// Refers to the tree and to `problem`; both must outlive it.
class JsonField {
 public:
  JsonField(const JsonValue* value, std::string path, std::string* problem)
      : value_(value), path_(std::move(path)), problem_(problem) {}

  JsonField operator[](std::string_view key) const;
  bool present() const;
  std::string text() const;
  int number(int absent = 0) const;
  std::int64_t big_number() const;
  bool flag() const;
  std::string text_or_number() const;  ///< an IntOrString as text
  std::vector<std::string> texts() const;
  std::map<std::string, std::string> text_map() const;
  std::vector<JsonField> items() const;

  /// Notes that the value, though of the right type, is none that is known.
  void refuse(std::string_view why) const;

 private:
  template <class T>
  const T* as(std::string_view expected) const;

  const JsonValue* value_;
  std::string path_;
  std::string* problem_;
};

/// The tree of one JSON object. It may leave its `kind` out, but not be of another one: a Status,
/// for instance. Errors, here and below, are of kind Api.
Result<JsonValue> parse_json(std::string_view json, std::string_view kind);

namespace json_detail {
Status parse_items(std::string_view json, std::string_view kind,
                   const std::function<Status(const JsonValue&)>& item);
Status judge(const JsonValue& object, std::string_view kind, const std::string& problem);

}  // namespace json_detail

/// Makes a T of a parsed object by `read`, T (JsonField). An error names the object and the field.
template <class Read>
auto read_object(const JsonValue& object, std::string_view kind, Read read)
    -> Result<decltype(read(std::declval<JsonField>()))> {
  std::string problem;
  auto value = read(JsonField(&object, "", &problem));
  DROVER_TRY(json_detail::judge(object, kind, problem));
  return value;
}

/// Reads one object. It may leave its `kind` out, but not be of another one: a Status, for
/// instance.
template <class Read>
auto parse_object(std::string_view json, std::string_view kind, Read read)
    -> Result<decltype(read(std::declval<JsonField>()))> {
  DROVER_TRY_ASSIGN(const JsonValue object, parse_json(json, kind));
  return read_object(object, kind, read);
}

/// Reads a list of `kind`, one item in memory at a time.
template <class Read>
auto parse_list(std::string_view json, std::string_view kind, Read read)
    -> Result<std::vector<decltype(read(std::declval<JsonField>()))>> {
  std::vector<decltype(read(std::declval<JsonField>()))> list;
  DROVER_TRY(json_detail::parse_items(json, kind, [&](const JsonValue& item) -> Status {
    DROVER_TRY_ASSIGN(auto value, read_object(item, kind, read));
    list.push_back(std::move(value));
    return {};
  }));
  return list;
}

}  // namespace drover
