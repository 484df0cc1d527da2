#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "examples/sandbox/options.h"
#include "examples/sandbox/sandbox.h"
#include "remote/process.h"
#include "tests/support/temp_dir.h"

namespace drover::test {

/// A sandbox in a folder of its own, and OpenSSH's client as an operator uses it.
class NodeBed {
 public:
  explicit NodeBed(sandbox::UpOptions options);

  const std::filesystem::path& folder() const { return sandbox_.folder(); }
  sandbox::Node& node(const std::string& name) const;
  /// `drover-sandbox do FOLDER WORDS...`; throws what it answers when that is an error.
  nlohmann::json tell(const std::vector<std::string>& words) const;
  /// A command on a node by `ssh`, by root unless `user` says otherwise. Its standard input is
  /// empty. Throws when it is not over in time.
  remote::ProcessResult ssh(const std::string& name, const std::string& command,
                            const std::string& user = "root") const;
  /// The same through `sh -c`: `ssh` stands in `script` for the client with all its options.
  remote::ProcessResult shell(const std::string& name, const std::string& script) const;

 private:
  std::vector<std::string> client(const std::string& name, const std::string& user) const;

  TempDir outer_;
  sandbox::Sandbox sandbox_;
};

/// One worker, at no time at all.
sandbox::UpOptions one_worker();

}  // namespace drover::test
