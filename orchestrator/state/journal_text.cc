#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "orchestrator/state/journal_file.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

// A record's line is its JSON with `,"crc":"xxxxxxxx"` before the last brace. The CRC is that of
// the line without this part.
constexpr std::string_view kCrcBefore = ",\"crc\":\"";
constexpr std::string_view kCrcAfter = "\"}";
constexpr size_t kCrcDigits = 8;
constexpr size_t kCrcTail = kCrcBefore.size() + kCrcDigits + kCrcAfter.size();
// No other place of a line has this text: inside strings the quotes are escaped.
constexpr std::string_view kRecordStart = "{\"seq\":";

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(ordered_json(text).dump());
    return true;
  } catch (const ordered_json::type_error&) {
    return false;
  }
}

std::string crc_text(std::string_view line) { return fmt::format("{:08x}", crc32(line)); }

bool intact(std::string_view line) {
  if (line.size() <= kCrcTail || !line.ends_with(kCrcAfter)) return false;
  const std::string_view tail = line.substr(line.size() - kCrcTail);
  if (!tail.starts_with(kCrcBefore)) return false;
  const std::string without = std::string(line.substr(0, line.size() - kCrcTail)) + '}';
  return tail.substr(kCrcBefore.size(), kCrcDigits) == crc_text(without);
}

size_t count(std::string_view text, std::string_view what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

bool has_intact_line(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (intact(text.substr(0, end))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

Error unreadable(std::string message, std::string remedy) {
  Error error;
  error.kind = ErrorKind::State;
  error.message = std::move(message);
  error.remedy = std::move(remedy);
  return error;
}

Error damaged(size_t line, std::string_view what) {
  return unreadable(
      fmt::format("line {} {}", line, what),
      "put the file back from a copy; without one, look at every node by hand (versions, cordons, "
      "holds) before you move the run's folder away and plan anew");
}

Result<Record> parse(std::string_view line, size_t number) {
  try {
    const ordered_json json = ordered_json::parse(line);
    Record record;
    record.seq = json.at("seq").get<std::uint64_t>();
    record.time = json.at("time").get<std::string>();
    record.type = json.at("type").get<std::string>();
    record.step = json.value("step", std::string());
    record.attempt = json.value("attempt", 0);
    const ordered_json fields = json.value("fields", ordered_json::object());
    for (const auto& [name, value] : fields.items()) {
      record.fields[name] = value.get<std::string>();
    }
    const ordered_json bytes = json.value("bytes", ordered_json::object());
    for (const auto& [name, value] : bytes.items()) {
      DROVER_TRY_ASSIGN(record.fields[name], base64_decode(value.get<std::string>()));
    }
    return record;
  } catch (const ordered_json::exception&) {
    return damaged(number, "is not a record of this schema");
  }
}

Status check_place(const Record& record, size_t number) {
  if (record.seq != number) {
    return damaged(number, fmt::format("has number {} where {} is due: records are missing",
                                       record.seq, number));
  }
  if (number > 1) return {};
  const auto schema = record.fields.find("schema");
  const std::string found = schema == record.fields.end() ? "none" : schema->second;
  if (record.type == "run-begun" && found == kJournalSchema) return {};
  return unreadable(fmt::format("schema {}, this program reads {}", found, kJournalSchema),
                    "go on with the version of Drover that began this run");
}

}  // namespace

std::string format_record(const Record& record) {
  ordered_json json;
  json["seq"] = record.seq;
  json["time"] = record.time;
  json["type"] = record.type;
  if (!record.step.empty()) json["step"] = record.step;
  if (record.attempt != 0) json["attempt"] = record.attempt;
  for (const auto& [raw_name, value] : record.fields) {
    // A name may have been made from a file's on a node.
    const std::string name = is_utf8(raw_name) ? raw_name : sanitise(raw_name, 1000);
    // What must be put back comes back byte for byte, also where it is not text.
    if (is_utf8(value)) {
      json["fields"][name] = value;
    } else {
      json["bytes"][name] = base64_encode(value);
    }
  }
  std::string line = json.dump();
  const std::string crc = crc_text(line);
  line.pop_back();
  return line.append(kCrcBefore).append(crc).append(kCrcAfter);
}

Result<JournalContent> read_journal(std::string_view text) {
  JournalContent content;
  while (content.valid_bytes < text.size()) {
    const std::string_view rest = text.substr(content.valid_bytes);
    const size_t number = content.records.size() + 1;
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos || !intact(rest.substr(0, end))) {
      // Cut if this can be a single record torn or damaged; a whole record is never thrown away.
      if (count(rest, kRecordStart) > 1 ||
          has_intact_line(rest.substr(std::min(end, rest.size())))) {
        return damaged(number, "is damaged, and records follow it");
      }
      content.cut = fmt::format("its last record (line {}, {} bytes) is damaged and left out",
                                number, rest.size());
      return content;
    }
    DROVER_TRY_ASSIGN(Record record, parse(rest.substr(0, end), number));
    DROVER_TRY(check_place(record, number));
    content.records.push_back(std::move(record));
    content.valid_bytes += end + 1;
  }
  return content;
}

}  // namespace drover::orchestrator
