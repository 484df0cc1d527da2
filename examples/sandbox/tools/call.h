#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// One call of a stand-in: its words, what it prints, and what a fault rule does to it.
namespace drover::sandbox {

/// Ends the call with this code, whoever throws it.
struct Exit {
  int code = 0;
};

struct Fault;

enum class Effect { Reads, Changes };

class Call {
 public:
  /// `version`: of a kubeadm that was unpacked and not installed ("v1.34.4"); "" for what is
  /// installed. Claims the fault rule that strikes this call, if one does.
  Call(std::string tool, std::vector<std::string> args, std::string version = "");
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const std::string& tool() const { return tool_; }
  const std::vector<std::string>& args() const { return args_; }
  const std::string& version() const { return version_; }
  /// "TOOL ARGS", in one line.
  std::string text() const;

  /// The first thing that a stand-in does. A call that changes something is written down in
  /// `starts`, with the capsule it belongs to; what only reads meets its fault here. A rule that
  /// lets it fail prints `failure`, what the real tool says then, and ends it.
  void begin(Effect effect, std::string_view failure);
  /// Half of the work is done: here the call hangs, is killed, or takes the machine down, if a rule
  /// says so.
  void half_way();
  /// Nobody foresaw these words: they are remembered in `unknown`, and the call ends with 99.
  [[noreturn]] void unknown() const;

 private:
  std::string tool_;
  std::vector<std::string> args_;
  std::string version_;
  std::unique_ptr<Fault> fault_;
};

/// To stdout and stderr, at once.
void out(std::string_view text);
void err(std::string_view text);

/// Prints one line to stderr and ends the call.
[[noreturn]] void fail(std::string_view line, int code = 1);

}  // namespace drover::sandbox
