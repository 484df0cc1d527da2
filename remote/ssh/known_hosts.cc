#include "remote/ssh/known_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "inventory/base/digest.h"
#include "remote/ssh/known_hosts_index.h"

namespace drover::remote {
namespace {

/// Calls `see(line, known_key)` for every line about the host.
template <class See>
void each_line(const std::vector<KnownHostsFile>& files, std::string_view address, int port,
               See see) {
  const std::string name = known_hosts_name(address, port);
  for (const KnownHostsFile& file : files) {
    for (const KnownHostsLine& line : file.lines->about(name)) {
      see(line, KnownKey{line.key.type, fingerprint(line.key.blob), file.path, line.number});
    }
  }
}

}  // namespace

KnownHostsFile::KnownHostsFile(std::string file_path, std::string text, std::string why_not)
    : path(std::move(file_path)),
      problem(std::move(why_not)),
      lines(std::make_shared<const KnownHostsIndex>(std::move(text))) {}

std::string known_hosts_name(std::string_view address, int port) {
  std::string name(address);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return port == 22 ? name : fmt::format("[{}]:{}", name, port);
}

HostKeyVerdict judge_host_key(const std::vector<KnownHostsFile>& files, std::string_view address,
                              int port, const HostKey& shown) {
  HostKeyVerdict verdict;
  bool on_record = false;
  each_line(files, address, port, [&](const KnownHostsLine& line, KnownKey key) {
    const bool same = line.key.blob == shown.blob;
    switch (line.marker) {
      case LineMarker::CertAuthority:
        verdict.authorities.push_back(std::move(key));
        break;
      case LineMarker::Revoked:
        if (same) verdict.revoked.push_back(std::move(key));
        break;
      case LineMarker::None:
        on_record = on_record || same;
        verdict.known.push_back(std::move(key));
        break;
    }
  });
  using Kind = HostKeyVerdict::Kind;
  if (!verdict.revoked.empty()) {
    verdict.kind = Kind::Revoked;
  } else if (on_record) {
    verdict.kind = Kind::Known;
  } else {
    verdict.kind = verdict.known.empty() ? Kind::Unknown : Kind::Changed;
  }
  return verdict;
}

std::vector<KnownKey> known_keys(const std::vector<KnownHostsFile>& files, std::string_view address,
                                 int port) {
  std::vector<KnownKey> keys;
  std::vector<std::string> revoked;
  each_line(files, address, port, [&](const KnownHostsLine& line, KnownKey key) {
    if (line.marker == LineMarker::Revoked) revoked.push_back(key.fingerprint);
    if (line.marker == LineMarker::None) keys.push_back(std::move(key));
  });
  std::erase_if(keys, [&](const KnownKey& key) {
    return std::find(revoked.begin(), revoked.end(), key.fingerprint) != revoked.end();
  });
  return keys;
}

std::string fingerprint(std::string_view blob) {
  const std::string hex = sha256_hex(blob);
  std::string digest;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    digest += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  std::string text = base64_encode(digest);
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

}  // namespace drover::remote
