#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {
namespace {

constexpr int kTries = 3;

struct Request {
  bool silent = false;  ///< -n
  std::string question = "[sudo] password: ";
  std::vector<std::string> command;
};

Request read_request(const Call& call) {
  Request request;
  const std::vector<std::string>& words = call.args();
  size_t i = 0;
  for (; i < words.size() && words[i].starts_with('-'); ++i) {
    if (words[i] == "-n") {
      request.silent = true;
    } else if (words[i] == "-p" && i + 1 < words.size()) {
      request.question = words[++i];
    } else if (words[i] == "--") {
      ++i;
      break;
    } else if (words[i] != "-k" && words[i] != "-S") {
      call.unknown();
    }
  }
  request.command.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  if (request.command.empty()) call.unknown();
  return request;
}

// In a node that root runs everybody is root. An ordinary user's node has one uid: root is uid 0 of
// a namespace of its own.
[[noreturn]] void become(const Request& request) {
  std::vector<std::string> words = request.command;
  if (geteuid() != 0) words.insert(words.begin(), {"unshare", "-r", "--"});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  fail(fmt::format("sudo: {}: {}", words[0], std::strerror(errno)));
}

// Byte by byte: what follows the line is the command's.
bool read_line(std::string& line) {
  line.clear();
  for (char c = 0;;) {
    const ssize_t got = read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    if (c == '\n') return true;
    line += c;
  }
}

void ask(const Request& request, const std::string& password) {
  for (int wrong = 0; wrong < kTries;) {
    err(request.question);
    std::string word;
    const bool answered = read_line(word);
    err("\n");
    if (!answered) fail(fmt::format("sudo: {} incorrect password attempt", wrong));
    if (word == password) return;
    append_line(in_state("sudo-wrong"), fmt::format("{}", ++wrong));
    if (wrong < kTries) err("Sorry, try again.\n");
  }
  fail(fmt::format("sudo: {} incorrect password attempts", kTries));
}

}  // namespace

/// sudo [-n] [-k] [-S] [-p QUESTION] COMMAND, as sudo 1.9 speaks. It asks everybody for the
/// password in `sudo-password` of the node's state, and nobody where that file is not; `sudo-wrong`
/// gets a line for each wrong answer.
int sudo(Call& call) {
  const Request request = read_request(call);
  call.begin(Effect::Reads, "sudo: a password is required\n");
  const std::string file = in_state("sudo-password");
  if (exists(file)) {
    if (request.silent) fail("sudo: a password is required");
    ask(request, read_word(file));
  }
  become(request);
}

}  // namespace drover::sandbox
