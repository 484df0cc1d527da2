#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "remote/ssh/target.h"
#include "tests/support/temp_dir.h"

#include "tests/support/read_file.h"

namespace drover::test {

/// A real sshd on a loopback port of its own, with host and user keys made for it. Needs root and
/// /usr/sbin/sshd, and throws if they are missing. Its users are root and `ops`, both uid 0 with
/// home() as home and /bin/bash as login shell: they exist in its mount namespace only, so that the
/// machine's own users and their files play no part.
class Sshd {
 public:
  /// `config`: lines for sshd_config, before all others. `host_key_type`: as ssh-keygen -t takes
  /// it. `furnish`: a shell command that arranges its mount namespace before it starts.
  explicit Sshd(const std::string& config = {}, const std::string& host_key_type = "ed25519",
                const std::string& furnish = "true");
  ~Sshd();
  Sshd(const Sshd&) = delete;
  Sshd& operator=(const Sshd&) = delete;

  /// A target that can log in as root; every field may be changed.
  remote::SshTarget target() const;

  int port() const { return port_; }
  const std::string& home() const { return home_; }
  std::string file(const std::string& name) const { return folder_.file(name); }
  std::string known_hosts() const { return file("known_hosts"); }
  std::string identity() const { return file("user_key"); }
  /// The host key as a known_hosts line has it: type and base64.
  std::string host_key() const;
  /// All that it logged so far (level VERBOSE unless `config` says otherwise).
  std::string log() const;
  pid_t pid() const { return pid_; }
  /// The processes that serve a connection each.
  std::vector<pid_t> session_pids() const;
  void kill_sessions() const;

 private:
  void start();
  bool listening() const;

  TempDir folder_;
  std::string home_;
  std::string config_;
  std::string furnish_;
  int port_ = 0;
  pid_t pid_ = -1;
};

/// Makes a key pair at `path` and `path`.pub.
void make_key(const std::string& path, const std::string& type = "ed25519",
              const std::string& passphrase = {});
void write_file(const std::string& path, const std::string& text);

}  // namespace drover::test
