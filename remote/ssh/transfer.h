#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "inventory/base/result.h"
#include "remote/ssh/frame.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/local_file.h"
#include "remote/ssh/session.h"
#include "remote/ssh/target.h"

namespace drover::remote {

/// One file on its way between here and a host, over as many connections as it takes; what has
/// arrived is not sent again. The bytes go as they are over a channel of their own, so that only
/// the window and the network set the pace.
class Transfer {
 public:
  /// A session that is connected, or why there is none.
  using Connect = std::function<Result<SshSession*>(Instant deadline)>;

  /// `target` outlives it.
  Transfer(const SshTarget& target, Connect connect, Limit limit);

  /// See NodeFiles.
  Status upload(const std::string& local, const std::string& remote);
  Status download(const std::string& remote, const std::string& local);

 private:
  /// What one script of the other side said at its end.
  struct Said {
    std::optional<int> exit_code;
    std::string err;
  };

  /// Again and again while connections break, and something arrives between.
  Status over_connections(const std::function<Status(SshSession&)>& round);
  Status send(SshSession& session, const LocalFile& file, const std::string& remote,
              const std::string& sha);
  Status fetch(SshSession& session, const std::string& remote, LocalFile& part);
  Error failed(const std::string& remote, const Said& said) const;

  const SshTarget& target_;
  Connect connect_;
  Limit limit_;
  std::uint64_t moved_ = 0;  ///< bytes, of all rounds
  std::string wanted_sha_;   ///< of the host's file, as it was when its last piece came
};

}  // namespace drover::remote
