#include "plans/rollout/time_zone.h"

#include <algorithm>
#include <cstdint>

namespace drover::plans {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

Error unreadable(std::string what) {
  return {.kind = ErrorKind::File, .message = "is no time zone file: " + std::move(what)};
}

// Big-endian numbers, one after the other. Beyond the end all is 0, and `good` no more.
class Bytes {
 public:
  explicit Bytes(std::string_view text) : text_(text) {}

  std::int64_t number(size_t width) {
    if (text_.size() < width) return fail();
    std::uint64_t value = 0;
    for (size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(text_[i]);
    text_.remove_prefix(width);
    return width == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  void skip(std::uint64_t count) {
    if (count > text_.size()) {
      fail();
    } else {
      text_.remove_prefix(static_cast<size_t>(count));
    }
  }
  bool take(std::string_view what) {
    if (!text_.starts_with(what)) return false;
    text_.remove_prefix(what.size());
    return true;
  }
  bool good() const { return good_; }
  std::string_view rest() const { return text_; }

 private:
  std::int64_t fail() {
    good_ = false;
    text_ = {};
    return 0;
  }

  std::string_view text_;
  bool good_ = true;
};

struct Header {
  std::uint8_t version = 0;
  std::uint64_t in_utc = 0, in_standard = 0, leaps = 0, times = 0, types = 0, characters = 0;

  std::uint64_t block(std::uint64_t time_width) const {
    return times * (time_width + 1) + types * 6 + characters + leaps * (time_width + 4) +
           in_standard + in_utc;
  }
};

std::optional<Header> take_header(Bytes& bytes) {
  Header header;
  if (!bytes.take("TZif")) return std::nullopt;
  header.version = bytes.byte();
  bytes.skip(15);
  for (std::uint64_t* count : {&header.in_utc, &header.in_standard, &header.leaps, &header.times,
                               &header.types, &header.characters}) {
    *count = static_cast<std::uint32_t>(bytes.number(4));
  }
  const bool sane = header.times <= 100'000 && header.types <= 256 && header.leaps <= 10'000;
  return bytes.good() && sane ? std::optional(header) : std::nullopt;
}

}  // namespace

Result<TimeZone> TimeZone::parse(std::string_view text) {
  Bytes bytes(text);
  auto header = take_header(bytes);
  if (!header) return unreadable("it does not begin like one");
  std::uint64_t width = 4;
  if (header->version >= '2') {  // the same again with times of 64 bits
    bytes.skip(header->block(width));
    width = 8;
    header = take_header(bytes);
    if (!header) return unreadable("its second part is missing");
  }
  if (header->leaps > 0) return unreadable("it counts leap seconds, which no clock here does");
  TimeZone zone;
  zone.changes_.resize(static_cast<size_t>(header->times));
  for (Change& change : zone.changes_) {
    change.at = sys_seconds(seconds(bytes.number(static_cast<size_t>(width))));
  }
  std::vector<size_t> types(zone.changes_.size());
  for (size_t& type : types) type = bytes.byte();
  std::vector<seconds> offsets(static_cast<size_t>(header->types));
  for (seconds& offset : offsets) {
    offset = seconds(bytes.number(4));
    bytes.skip(2);
  }
  bytes.skip(header->characters + header->in_standard + header->in_utc);
  const bool known = !offsets.empty() && std::all_of(types.begin(), types.end(), [&](size_t type) {
    return type < offsets.size();
  });
  if (!bytes.good() || !known) return unreadable("it is cut off or damaged");
  zone.before_ = offsets.front();
  for (size_t i = 0; i < types.size(); ++i) zone.changes_[i].offset = offsets[types[i]];
  const std::string_view footer = width == 8 ? bytes.rest() : "";
  const size_t end = footer.find('\n', 1);
  if (footer.starts_with('\n') && end != std::string_view::npos && end > 1) {
    zone.after_ = parse_zone_rule(footer.substr(1, end - 1));
    if (!zone.after_) return unreadable("its last line is not understood");
  }
  return zone;
}

seconds TimeZone::offset_at(sys_seconds at) const {
  const auto later = std::upper_bound(changes_.begin(), changes_.end(), at,
                                      [](sys_seconds t, const Change& c) { return t < c.at; });
  if (later == changes_.end() && after_) return after_->offset_at(at);
  return later == changes_.begin() ? before_ : std::prev(later)->offset;
}

}  // namespace drover::plans
