#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "remote/ssh/target.h"
#include "remote/ssh/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace drover::test {

/// What an SshPeer lets in.
struct PeerRules {
  std::string password;  ///< by `password`; empty: the method is not offered
  std::string answer;    ///< by `keyboard-interactive`, to the last of `questions`; likewise
  std::vector<std::pair<std::string, bool>> questions = {{"Password: ", false}};  ///< text, echo
  bool takes_keys = false;  ///< offers `publickey`, and takes any key as half of a login
  std::vector<std::string> host_keys = {"ed25519"};  ///< types, as ssh-keygen -t takes them
};

/// A small SSH server on a loopback port of its own that tells what reached it. It knows passwords
/// without being a machine with accounts; it runs no commands.
class SshPeer {
 public:
  explicit SshPeer(PeerRules rules = {});
  ~SshPeer();
  SshPeer(const SshPeer&) = delete;
  SshPeer& operator=(const SshPeer&) = delete;

  /// A target of the user `ops` with its host keys on record and no credential.
  remote::SshTarget target() const;
  int port() const { return port_; }
  std::string known_hosts() const { return folder_.file("known_hosts"); }
  /// "ssh-ed25519 AAAA..." of one of its host keys.
  std::string host_key(const std::string& type) const;
  /// How many connections came as far as the end of the key exchange.
  int exchanges() const;
  /// Each request after that, in order: "service ssh-userauth", "none ops", "password ops secret".
  std::vector<std::string> received() const;
  /// Those that carry a password or an answer.
  int passwords() const;

 private:
  struct Connection;
  void serve();
  void note(const std::string& what);

  TempDir folder_;
  PeerRules rules_;
  int port_ = 0;
  remote::UniqueFd listener_;
  mutable std::mutex mutex_;
  int open_ = -1;  ///< the connection that is served
  bool ending_ = false;
  int exchanges_ = 0;
  std::vector<std::string> received_;
  std::jthread server_;
};

}  // namespace drover::test
