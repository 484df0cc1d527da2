#define OPENSSL_SUPPRESS_DEPRECATED  // SHA_CTX: what replaces it cannot be kept for thousands of
                                     // keys

#include "inventory/base/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace drover {
namespace {

const unsigned char* bytes_of(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

std::string hex(const unsigned char* data, size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * size);
  for (size_t i = 0; i < size; ++i) {
    text += kDigits[data[i] >> 4];
    text += kDigits[data[i] & 15];
  }
  return text;
}

using Sha1State = std::array<std::uint32_t, 5>;

using Sha1Block = std::array<unsigned char, SHA_CBLOCK>;

/// The state after one block. Without the bookkeeping of SHA1_Update, which costs more than this.
Sha1State after(const Sha1State& state, const Sha1Block& block) {
  SHA_CTX context{};
  context.h0 = state[0];
  context.h1 = state[1];
  context.h2 = state[2];
  context.h3 = state[3];
  context.h4 = state[4];
  SHA1_Transform(&context, block.data());
  return {context.h0, context.h1, context.h2, context.h3, context.h4};
}

/// `key` filled up with zeros, each byte changed by `pad`.
Sha1State keyed(std::string_view key, unsigned char pad) {
  constexpr Sha1State kStart = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  Sha1Block block{};
  std::copy(key.begin(), key.end(), block.begin());
  for (unsigned char& byte : block) byte ^= pad;
  return after(kStart, block);
}

std::array<unsigned char, 20> bytes_of(const Sha1State& state) {
  std::array<unsigned char, 20> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(state[i / 4] >> (24 - 8 * (i % 4)));
  }
  return bytes;
}

/// Ends a message of which one block, the key, is behind `state`.
template <class Data>
Sha1State finish(Sha1State state, const Data& data) {
  constexpr size_t kLengthAt = SHA_CBLOCK - 8;
  size_t at = 0;
  Sha1Block block{};
  for (const auto byte : data) {
    block[at++] = static_cast<unsigned char>(byte);
    if (at < block.size()) continue;
    state = after(state, block);
    block = {};
    at = 0;
  }
  block[at++] = 0x80;
  if (at > kLengthAt) {
    state = after(state, block);
    block = {};
  }
  const std::uint64_t bits = 8 * (SHA_CBLOCK + std::uint64_t{data.size()});
  for (size_t i = 0; i < 8; ++i) {
    block[kLengthAt + i] = static_cast<unsigned char>(bits >> (56 - 8 * i));
  }
  return after(state, block);
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Error not_base64(std::string_view why) {
  Error error;
  error.kind = ErrorKind::File;
  error.message = fmt::format("not base64: {}", why);
  return error;
}

constexpr std::array<unsigned, 256> crc_table() {
  std::array<unsigned, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xEDB88320u : 0u);
    table[i] = value;
  }
  return table;
}

}  // namespace

std::string sha256_hex(std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  }
  return hex(digest.data(), size);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  }
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Sha256::add(std::string_view data) {
  EVP_DigestUpdate(context_.get(), data.data(), data.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
  return drover::hex(digest.data(), size);
}

std::string hmac_sha1(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* mac = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes_of(data),
                         data.size(), digest.data(), &size);
  if (mac == nullptr) throw std::runtime_error("OpenSSL cannot compute HMAC-SHA1");
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

HmacSha1Key::HmacSha1Key(std::string_view key) {
  std::array<unsigned char, 20> shorter{};
  if (key.size() > SHA_CBLOCK) {
    SHA1(bytes_of(key), key.size(), shorter.data());
    key = {reinterpret_cast<const char*>(shorter.data()), shorter.size()};
  }
  inner_ = keyed(key, 0x36);
  outer_ = keyed(key, 0x5c);
}

std::array<unsigned char, 20> HmacSha1Key::of(std::string_view data) const {
  return bytes_of(finish(outer_, bytes_of(finish(inner_, data))));
}

std::string base64_encode(std::string_view data) {
  std::string text;
  text.reserve((data.size() + 2) / 3 * 4);
  for (size_t i = 0; i < data.size(); i += 3) {
    unsigned group = 0;
    for (size_t j = i; j < i + 3; ++j) {
      group = group << 8 | (j < data.size() ? static_cast<unsigned char>(data[j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += i + j > data.size() ? '=' : kBase64[group >> (18 - 6 * j) & 63];
    }
  }
  return text;
}

Result<std::string> base64_decode(std::string_view text) {
  std::string data;
  data.reserve(text.size() / 4 * 3);
  unsigned group = 0;
  size_t digits = 0;
  size_t padding = 0;
  for (char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const size_t value = kBase64.find(c);
    if (value == std::string_view::npos) return not_base64("a foreign character");
    if (padding > 0) return not_base64("text after the padding");
    group = group << 6 | static_cast<unsigned>(value);
    if (++digits % 4 == 0) {
      for (int shift : {16, 8, 0}) data += static_cast<char>(group >> shift & 255);
      group = 0;
    }
  }
  const size_t rest = digits % 4;
  if (rest == 1 || padding != (4 - rest) % 4) return not_base64("it ends in the middle");
  if (rest >= 2) data += static_cast<char>(group >> (6 * rest - 8) & 255);
  if (rest == 3) data += static_cast<char>(group >> 2 & 255);
  if (rest >= 2 && (group & (rest == 2 ? 15u : 3u)) != 0)
    return not_base64("stray bits at its end");
  return data;
}

unsigned crc32(std::string_view data) {
  static constexpr std::array<unsigned, 256> kTable = crc_table();
  unsigned crc = 0xFFFFFFFFu;
  for (char c : data) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 255];
  return ~crc;
}

std::string random_hex(int bytes) {
  std::string data(static_cast<size_t>(bytes), '\0');
  size_t done = 0;
  while (done < data.size()) {
    const ssize_t got = getrandom(data.data() + done, data.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
    done += static_cast<size_t>(got);
  }
  return hex(bytes_of(data), data.size());
}

}  // namespace drover
