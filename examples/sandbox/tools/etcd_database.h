#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// A database of etcd's as small as one can be: whoever looks only for its newest revision takes it
/// for one.
namespace drover::sandbox {

namespace etcd_database_detail {

inline constexpr std::size_t kPage = 4096, kHeader = 16;

inline void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i)
    bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
}

inline void put_header(std::string& bytes, std::size_t page, unsigned kind, unsigned count) {
  put(bytes, page * kPage, page, 8);
  put(bytes, page * kPage + 8, kind, 2);
  put(bytes, page * kPage + 10, count, 2);
}

inline void put_meta(std::string& bytes, std::size_t page, std::uint64_t pages) {
  put_header(bytes, page, 4, 0);
  const std::size_t at = page * kPage + kHeader;
  put(bytes, at, 0xED0CDAED, 4);
  put(bytes, at + 4, 2, 4);
  put(bytes, at + 8, kPage, 4);
  put(bytes, at + 16, 3, 8);  // the page of the root
  put(bytes, at + 32, 2, 8);  // of the list of free pages
  put(bytes, at + 40, pages, 8);
  put(bytes, at + 48, page, 8);  // the transaction
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = at; i < at + 56; ++i) {
    hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3u;
  }
  put(bytes, at + 56, hash, 8);
}

/// The only element of a leaf.
inline void put_leaf(std::string& bytes, std::size_t page, bool bucket, std::string_view key,
                     std::string_view value) {
  put_header(bytes, page, 2, 1);
  const std::size_t at = page * kPage + kHeader;
  put(bytes, at, bucket ? 1 : 0, 4);
  put(bytes, at + 4, 16, 4);
  put(bytes, at + 8, key.size(), 4);
  put(bytes, at + 12, value.size(), 4);
  bytes.replace(at + 16, key.size(), key);
  bytes.replace(at + 16 + key.size(), value.size(), value);
}

}  // namespace etcd_database_detail

/// Bytes that are in use; the rest of a database is what a defragmentation gives back.
inline constexpr std::size_t kEtcdInUse = 5 * etcd_database_detail::kPage;

/// What is in it that somebody asks for.
struct EtcdContent {
  std::string version;  ///< in kubeadm-config; "": there is none
  std::string lock;     ///< the Lease kube-system/drover as JSON; "": there is none
};

namespace etcd_database_detail {

/// A field of bytes in a message of protobuf.
inline std::string field(char tag, std::string_view value) {
  std::string text(1, tag);
  std::size_t size = value.size();
  for (; size >= 0x80; size >>= 7) text += static_cast<char>((size & 0x7f) | 0x80);
  return text + static_cast<char>(size) + std::string(value);
}

inline constexpr std::string_view kVersion = "kubernetesVersion: ", kLock = "\nlock: ";

}  // namespace etcd_database_detail

/// With one key, kubeadm-config, of this revision, and `free` pages that are not in use.
inline std::string etcd_database(std::uint64_t revision, std::size_t free = 1,
                                 const EtcdContent& content = {}) {
  namespace detail = etcd_database_detail;
  std::string bytes(kEtcdInUse + free * detail::kPage, '\0');
  detail::put_meta(bytes, 0, 5 + free);
  detail::put_meta(bytes, 1, 5 + free);
  detail::put_header(bytes, 2, 16, 0);
  std::string bucket(16, '\0');
  detail::put(bucket, 0, 4, 8);
  detail::put_leaf(bytes, 3, true, "key", bucket);
  std::string key;
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(revision >> shift & 0xff);
  if (content.version.empty()) {
    detail::put_leaf(bytes, 4, false, key + '_' + std::string(8, '\0'), "sandbox");
    return bytes;
  }
  detail::put_leaf(bytes, 4, false, key + '_' + std::string(8, '\0'),
                   detail::field(0x0a, "/registry/configmaps/kube-system/kubeadm-config") +
                       detail::field(0x2a, std::string(detail::kVersion) + content.version +
                                               std::string(detail::kLock) + content.lock + '\n'));
  return bytes;
}

/// Of a database that etcd_database() made.
inline EtcdContent etcd_database_content(std::string_view bytes) {
  namespace detail = etcd_database_detail;
  const auto behind = [&](std::string_view mark) {
    const std::size_t at = bytes.find(mark);
    if (at == std::string_view::npos) return std::string();
    const std::string_view rest = bytes.substr(at + mark.size());
    return std::string(rest.substr(0, rest.find('\n')));
  };
  return {behind(detail::kVersion), behind(detail::kLock)};
}

/// Of a database that etcd_database() made.
inline std::uint64_t etcd_database_revision(std::string_view bytes) {
  constexpr std::size_t kKey = 4 * etcd_database_detail::kPage + 32;
  std::uint64_t revision = 0;
  for (std::size_t i = kKey; i < kKey + 8 && i < bytes.size(); ++i) {
    revision = revision << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return revision;
}

}  // namespace drover::sandbox
