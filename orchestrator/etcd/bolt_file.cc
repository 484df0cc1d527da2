#include "orchestrator/etcd/bolt_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace drover::orchestrator {
namespace {

constexpr std::uint64_t kMagic = 0xED0CDAED;
constexpr std::size_t kPageHeader = 16;
constexpr std::size_t kMetaSize = 64;      // up to its checksum, and with it
constexpr std::size_t kElement = 16;       // of a branch page and of a leaf page
constexpr std::size_t kBucketHeader = 16;  // root page, sequence
constexpr unsigned kBranch = 1, kLeaf = 2;
constexpr unsigned kIsBucket = 1;
constexpr int kDeepest = 64;
constexpr std::uint64_t kLargestPage = 1 << 20;
constexpr std::uint64_t kMostPages = 1 << 14;  // that one node may span

Error wrong(const char* how) { return {.kind = ErrorKind::File, .message = how}; }
Error damaged() { return wrong("its pages do not lead to the newest key: it is damaged"); }

std::uint64_t little(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::uint64_t big(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  return hash;
}

struct Meta {
  std::uint64_t page_size = 0;
  std::uint64_t root = 0;
  std::uint64_t transaction = 0;
};

std::optional<Meta> read_meta(std::string_view page) {
  if (page.size() < kPageHeader + kMetaSize) return std::nullopt;
  const std::string_view meta = page.substr(kPageHeader, kMetaSize);
  if (little(meta, 0, 4) != kMagic) return std::nullopt;
  if (little(meta, 56, 8) != fnv1a(meta.substr(0, 56))) return std::nullopt;
  return Meta{little(meta, 8, 4), little(meta, 16, 8), little(meta, 48, 8)};
}

struct Element {
  std::string_view key, value;
  std::uint64_t page = 0;  ///< of a branch
  bool bucket = false;     ///< of a leaf
};

/// One node of a tree, with all the pages that it spans.
class Page {
 public:
  explicit Page(std::string bytes) : bytes_(std::move(bytes)) {}

  unsigned kind() const { return static_cast<unsigned>(little(bytes_, 8, 2)); }
  std::size_t count() const { return little(bytes_, 10, 2); }

  /// Nothing when it reaches beyond the page.
  std::optional<Element> element(std::size_t i) const {
    const std::size_t at = kPageHeader + i * kElement;
    if (at + kElement > bytes_.size()) return std::nullopt;
    const bool leaf = kind() == kLeaf;
    const std::size_t pos = at + little(bytes_, at + (leaf ? 4 : 0), 4);
    const std::size_t key = little(bytes_, at + (leaf ? 8 : 4), 4);
    const std::size_t value = leaf ? little(bytes_, at + 12, 4) : 0;
    if (pos > bytes_.size() || key > bytes_.size() - pos || value > bytes_.size() - pos - key) {
      return std::nullopt;
    }
    const std::string_view all = bytes_;
    return Element{.key = all.substr(pos, key),
                   .value = all.substr(pos + key, value),
                   .page = leaf ? 0 : little(bytes_, at + 8, 8),
                   .bucket = leaf && (little(bytes_, at, 4) & kIsBucket) != 0};
  }

 private:
  std::string bytes_;
};

class BoltFile {
 public:
  BoltFile(int fd, std::uint64_t size) : fd_(fd), size_(size) {}

  Status open() {
    const auto first = bytes(0, kPageHeader + kMetaSize);
    if (!first) return wrong("it is too short for a database of etcd");
    const auto meta = read_meta(*first);
    // The second meta page stands one page behind the first, and only the first tells how far.
    for (std::uint64_t page = meta ? meta->page_size : 4096; page <= 65536; page *= 2) {
      const auto second = bytes(page, kPageHeader + kMetaSize);
      const auto other = second ? read_meta(*second) : std::nullopt;
      if (other && (!meta || other->transaction > meta->transaction)) return use(*other);
      if (meta) return use(*meta);
    }
    return wrong("it does not begin as a database of etcd does");
  }

  /// The newest key of the bucket `name`, "" when there is none.
  Result<std::string> last_key(std::string_view name) const {
    DROVER_TRY_ASSIGN(const std::string header, bucket(name));
    if (header.size() < kBucketHeader) return damaged();
    std::uint64_t page = little(header, 0, 8);
    if (page == 0) return last_of(Page(header.substr(kBucketHeader)));
    for (int depth = 0; depth < kDeepest; ++depth) {
      DROVER_TRY_ASSIGN(const Page node, read(page));
      if (node.kind() == kLeaf) return last_of(node);
      const auto last = node.count() == 0 ? std::nullopt : node.element(node.count() - 1);
      if (!last) return damaged();
      page = last->page;
    }
    return damaged();
  }

  /// Gives the elements of the bucket `name` to `take`, the newest first, until that says enough.
  Status each(std::string_view name, const std::function<bool(const Element&)>& take) const {
    DROVER_TRY_ASSIGN(const std::string header, bucket(name));
    if (header.size() < kBucketHeader) return damaged();
    const std::uint64_t page = little(header, 0, 8);
    std::uint64_t budget = size_ / meta_.page_size;  // no page is part of a tree twice
    const auto end = page == 0 ? walk(Page(header.substr(kBucketHeader)), 0, budget, take)
                               : walk_to(page, 0, budget, take);
    return end ? Status() : Status(end.error());
  }

 private:
  using Take = std::function<bool(const Element&)>;

  Result<bool> walk_to(std::uint64_t page, int depth, std::uint64_t& budget,
                       const Take& take) const {
    if (depth > kDeepest || budget-- == 0) return damaged();
    DROVER_TRY_ASSIGN(const Page node, read(page));
    return walk(node, depth, budget, take);
  }

  Result<bool> walk(const Page& node, int depth, std::uint64_t& budget, const Take& take) const {
    for (std::size_t i = node.count(); i-- > 0;) {
      const auto element = node.element(i);
      if (!element) return damaged();
      bool enough = false;
      if (node.kind() == kLeaf) {
        enough = take(*element);
      } else {
        DROVER_TRY_ASSIGN(enough, walk_to(element->page, depth + 1, budget, take));
      }
      if (enough) return true;
    }
    return false;
  }

  Status use(const Meta& meta) {
    if (meta.page_size < 512 || meta.page_size > kLargestPage) {
      return wrong("the size of its pages makes no sense: it is damaged");
    }
    meta_ = meta;
    return {};
  }

  static Result<std::string> last_of(const Page& leaf) {
    if (leaf.count() == 0) return std::string();
    const auto last = leaf.element(leaf.count() - 1);
    if (!last) return damaged();
    return std::string(last->key);
  }

  /// What the root says of a bucket. There are few of them: branches are searched as a whole.
  Result<std::string> bucket(std::string_view name) const {
    std::uint64_t page = meta_.root;
    for (int depth = 0; depth < kDeepest; ++depth) {
      DROVER_TRY_ASSIGN(const Page node, read(page));
      std::optional<Element> chosen;
      for (std::size_t i = 0; i < node.count(); ++i) {
        const auto element = node.element(i);
        if (!element) return damaged();
        if (node.kind() == kLeaf && element->key == name && element->bucket) {
          return std::string(element->value);
        }
        if (node.kind() == kBranch && (i == 0 || element->key <= name)) chosen = element;
      }
      if (node.kind() != kBranch || !chosen) break;
      page = chosen->page;
    }
    return wrong("it has no keys of etcd in it");
  }

  Result<Page> read(std::uint64_t id) const {
    if (id > size_ / meta_.page_size) return damaged();
    const std::uint64_t at = id * meta_.page_size;
    auto page = bytes(at, meta_.page_size);
    if (!page) return damaged();
    const std::uint64_t more = little(*page, 12, 4);
    if (more > kMostPages) return damaged();
    if (more > 0) page = bytes(at, meta_.page_size * (more + 1));
    if (!page) return damaged();
    Page node(std::move(*page));
    if (node.kind() != kLeaf && node.kind() != kBranch) return damaged();
    return node;
  }

  std::optional<std::string> bytes(std::uint64_t at, std::uint64_t count) const {
    if (at > size_ || count > size_ - at) return std::nullopt;
    std::string into(count, '\0');
    for (std::size_t have = 0; have < count;) {
      const ssize_t got =
          pread(fd_, into.data() + have, count - have, static_cast<off_t>(at + have));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return std::nullopt;
      have += static_cast<std::size_t>(got);
    }
    return into;
  }

  int fd_;
  std::uint64_t size_;
  Meta meta_;
};

/// A number of a message of protobuf; takes it off `text`. Nothing when that ends before.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !text.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

/// A field of bytes in a message that has nothing but those and numbers, as etcd's KeyValue.
std::string_view bytes_field(std::string_view message, std::uint64_t wanted) {
  constexpr std::uint64_t kNumber = 0, kBytes = 2;
  while (!message.empty()) {
    const auto tag = take_number(message);
    const auto value = tag ? take_number(message) : std::nullopt;
    if (!value) return {};
    if ((*tag & 7) == kNumber) continue;
    if ((*tag & 7) != kBytes || *value > message.size()) return {};
    if (*tag >> 3 == wanted) return message.substr(0, *value);
    message.remove_prefix(*value);
  }
  return {};
}

}  // namespace

Result<std::string> newest_value(int fd, std::uint64_t size, std::string_view key) {
  constexpr std::uint64_t kKey = 1, kValue = 5;
  constexpr std::size_t kRevision = 17;  // longer: it marks a deletion
  BoltFile file(fd, size);
  DROVER_TRY(file.open());
  std::string found;
  DROVER_TRY(file.each("key", [&](const Element& element) {
    if (bytes_field(element.value, kKey) != key) return false;
    if (element.key.size() <= kRevision) found = bytes_field(element.value, kValue);
    return true;
  }));
  return found;
}

bool is_database(int fd, std::uint64_t size) { return BoltFile(fd, size).open().has_value(); }

Result<std::uint64_t> newest_revision(int fd, std::uint64_t size) {
  BoltFile file(fd, size);
  DROVER_TRY(file.open());
  DROVER_TRY_ASSIGN(const std::string key, file.last_key("key"));
  constexpr std::size_t kRevision = 8;  // main, then "_" and what it is within a transaction
  if (key.empty()) return std::uint64_t{0};
  if (key.size() < kRevision) return damaged();
  return big(std::string_view(key).substr(0, kRevision));
}

}  // namespace drover::orchestrator
