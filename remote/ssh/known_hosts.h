#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drover::remote {

class KnownHostsIndex;

/// One known_hosts file (sshd(8)), read. A value: copies share what was read. With `problem` it
/// could not be read and counts as empty.
struct KnownHostsFile {
  KnownHostsFile(std::string file_path, std::string text, std::string why_not = {});

  std::string path;
  std::string problem;
  std::shared_ptr<const KnownHostsIndex> lines;
};

/// A host key: `type` names its algorithm ("ssh-ed25519"), `blob` is its wire form.
struct HostKey {
  std::string type;
  std::string blob;
};

/// What a line says about a host.
struct KnownKey {
  std::string type;
  std::string fingerprint;
  std::string path;
  int line = 0;
};

struct HostKeyVerdict {
  enum class Kind { Known, Unknown, Changed, Revoked };
  Kind kind = Kind::Unknown;
  std::vector<KnownKey> known;    ///< keys on record for the host
  std::vector<KnownKey> revoked;  ///< @revoked lines with the very key that was shown
  std::vector<KnownKey>
      authorities;  ///< @cert-authority lines for the host; they vouch for nothing here
};

/// The name under which known_hosts keeps a host: "[address]:port" unless the port is 22, lower
/// case.
std::string known_hosts_name(std::string_view address, int port);

/// Judges the key that a host showed by the files, all of them together. A @revoked line wins over
/// every other; a key on record in any file is Known; other keys on record make it Changed.
/// Lines that cannot be read are passed over.
HostKeyVerdict judge_host_key(const std::vector<KnownHostsFile>& files, std::string_view address,
                              int port, const HostKey& shown);

/// The keys on record for a host, revoked ones left out.
std::vector<KnownKey> known_keys(const std::vector<KnownHostsFile>& files, std::string_view address,
                                 int port);

/// "SHA256:" and the digest as OpenSSH writes it.
std::string fingerprint(std::string_view blob);

}  // namespace drover::remote
