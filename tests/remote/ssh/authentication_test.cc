#include "remote/ssh/authentication.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/certificate.h"
#include "remote/ssh/keyring.h"
#include "remote/ssh/session.h"
#include "remote/ssh/shared_password.h"
#include "remote/ssh/unique_fd.h"
#include "tests/support/ssh_peer.h"
#include "tests/support/sshd.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using test::Sshd;
using test::SshPeer;

namespace {

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command + " failed");
}

Error refusal(const SshTarget& target) {
  const auto session = SshSession::connect(target, {});
  if (session) throw std::runtime_error("the login was not refused");
  return session.error();
}

void authorize(const Sshd& sshd, const std::string& key) {
  test::write_file(sshd.file("authorized_keys"), test::read_file(key + ".pub"));
}

std::shared_ptr<const Passphrase> passphrase(const std::string& text,
                                             const std::string& source = "the variable P") {
  return std::make_shared<const Passphrase>(Secret(std::string(text)), source, "");
}

std::string everything(const Error& error) {
  return error.message + "\n" + error.remedy + "\n" + error.detail;
}

/// A real ssh-agent, in SSH_AUTH_SOCK as long as this lives.
class SshAgent {
 public:
  SshAgent() {
    socket_ = folder_.file("agent");
    run(fmt::format("ssh-agent -a {} >{}", socket_, folder_.file("out")));
    const std::string out = test::read_file(folder_.file("out"));
    const size_t at = out.find("SSH_AGENT_PID=");
    pid_ = static_cast<pid_t>(std::stol(out.substr(at + 14)));
    setenv("SSH_AUTH_SOCK", socket_.c_str(), 1);
  }
  ~SshAgent() {
    kill(pid_, SIGKILL);
    unsetenv("SSH_AUTH_SOCK");
  }
  void add(const std::string& key) const { run(fmt::format("ssh-add -q {} 2>/dev/null", key)); }

 private:
  test::TempDir folder_;
  std::string socket_;
  pid_t pid_ = -1;
};

/// Takes connections as an agent does; after `answers` messages it says nothing more.
class SilentAgent {
 public:
  explicit SilentAgent(int answers = 0) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_.file("agent");
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listener_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_.get(), 8) != 0) {
      throw std::runtime_error("no socket for the agent");
    }
    setenv("SSH_AUTH_SOCK", path.c_str(), 1);
    thread_ = std::jthread([this, answers] { serve(answers); });
  }
  ~SilentAgent() {
    unsetenv("SSH_AUTH_SOCK");
    shutdown(listener_.get(), SHUT_RDWR);
  }

 private:
  void serve(int answers) {
    const UniqueFd fd(accept(listener_.get(), nullptr, nullptr));
    if (fd.get() < 0) return;
    // One key: its type, 32 bytes, its comment.
    std::string blob("\0\0\0\13ssh-ed25519\0\0\0\x20", 19);
    blob += std::string(32, 'k');
    std::string answer("\14\0\0\0\1\0\0\0", 8);
    answer += static_cast<char>(blob.size());
    answer += blob + std::string("\0\0\0\1c", 5);
    answer = std::string("\0\0\0", 3) + static_cast<char>(answer.size()) + answer;
    char request[5];
    for (; answers > 0 && recv(fd.get(), request, 5, MSG_WAITALL) == 5; --answers) {
      send(fd.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    while (recv(fd.get(), request, 1, 0) > 0) continue;
  }

  test::TempDir folder_;
  UniqueFd listener_;
  std::jthread thread_;
};

}  // namespace

TEST_CASE("keys of each type log in", "[auth]") {
  const Sshd sshd;
  SshTarget target = sshd.target();
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    CAPTURE(type);
    test::make_key(sshd.file(type), type);
    authorize(sshd, sshd.file(type));
    target.identity_files = {sshd.file(type)};
    CHECK(SshSession::connect(target, {}));
  }
}

TEST_CASE("S13: a key with a passphrase is opened once, and the passphrase is nowhere", "[auth]") {
  const Sshd sshd;
  const std::string word = "pass-" + random_hex(8);
  const std::string key = sshd.file("locked");
  SECTION("as ssh-keygen makes it") { test::make_key(key, "ed25519", word); }
  SECTION("in the older format") {
    test::make_key(key, "ecdsa", word);
    run(fmt::format("ssh-keygen -q -p -m PEM -P {0} -N {0} -f {1} >/dev/null", word, key));
  }
  authorize(sshd, key);
  SshTarget target = sshd.target();
  target.identity_files = {key};
  target.keyring = std::make_shared<Keyring>();
  CHECK(target.keyring->is_locked(key));
  CHECK_FALSE(target.keyring->is_locked(sshd.identity()));
  Error error = refusal(target);
  CHECK(error.kind == ErrorKind::Authentication);
  CHECK_THAT(error.message, Contains(key + " (it has a passphrase, and none is named)"));
  CHECK_THAT(error.remedy, Contains("ssh.passphrase") && Contains(key));
  target.passphrase = passphrase(word + "x");
  error = refusal(target);
  CHECK_THAT(error.message, Contains(key + " (the passphrase from the variable P does not fit)"));
  CHECK_THAT(everything(error), !Contains(word));
  const auto before = std::chrono::steady_clock::now();
  CHECK(everything(refusal(target)) == everything(error));
  target.passphrase = passphrase(word, "the variable Q");
  REQUIRE(SshSession::connect(target, {}));
  CHECK_FALSE(target.keyring->is_locked(key));
  std::filesystem::remove(key);
  std::filesystem::copy_file(sshd.identity(), key);  // what is open stays open
  target.passphrase = nullptr;
  CHECK(SshSession::connect(target, {}));
  INFO((std::chrono::steady_clock::now() - before) / 1ms);
  CHECK_THAT(sshd.log(), !Contains(word));
}

TEST_CASE("a key that the operator opened is open for all logins", "[auth]") {
  const Sshd sshd;
  test::make_key(sshd.file("locked"), "ed25519", "word");
  authorize(sshd, sshd.file("locked"));
  SshTarget target = sshd.target();
  target.identity_files = {sshd.file("locked")};
  target.keyring = std::make_shared<Keyring>();
  CHECK_FALSE(target.keyring->unlock(sshd.file("locked"), Secret(std::string("wrong"))));
  CHECK(target.keyring->unlock(sshd.file("locked"), Secret(std::string("word"))));
  std::vector<std::jthread> threads;
  std::atomic<int> in{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (SshSession::connect(target, {})) ++in;
    });
  }
  threads.clear();
  CHECK(in == 4);
}

TEST_CASE("certificates log in, and what is wrong with one is said", "[auth]") {
  const test::TempDir folder;
  const std::string authority = folder.file("ca");
  test::make_key(authority);
  const Sshd sshd("TrustedUserCAKeys " + authority + ".pub");
  test::write_file(sshd.file("authorized_keys"), "");
  SshTarget target = sshd.target();
  const auto certify = [&](const std::string& key, const std::string& options) {
    run(fmt::format("ssh-keygen -q -s {} -I 'of a test' -z 7 {} {}.pub 2>/dev/null", authority,
                    options, key));
    target.certificate_files = {key + "-cert.pub"};
  };
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    CAPTURE(type);
    test::make_key(sshd.file(type), type);
    target.identity_files = {sshd.identity(), sshd.file(type)};
    certify(sshd.file(type), "-n root,ops -V -1h:+1h");
    CHECK(SshSession::connect(target, {}));
  }
  target.identity_files = {sshd.identity()};
  SECTION("expired") {
    certify(sshd.identity(), "-n root -V 20200101000000Z:20200201000000Z");
    const Error error = refusal(target);
    CHECK(error.kind == ErrorKind::Authentication);
    CHECK_THAT(error.message,
               Contains("(\"of a test\", serial 7; it expired at 2020-02-01T00:00:00Z)"));
    CHECK_THAT(error.message, Contains("the server accepts publickey"));
    CHECK_THAT(error.remedy, Contains("issued anew"));
  }
  SECTION("not yet valid") {
    certify(sshd.identity(), "-n root -V 21000101000000Z:21000201000000Z");
    CHECK_THAT(refusal(target).message, Contains("it is not valid before 2100-01-01T00:00:00Z"));
  }
  SECTION("for somebody else") {
    certify(sshd.identity(), "-n ops,dba -V -1h:+1h");
    CHECK_THAT(refusal(target).message, Contains("it is for ops, dba, not for root"));
  }
  SECTION("for hosts") {
    certify(sshd.identity(), "-h -n root -V -1h:+1h");
    CHECK_THAT(refusal(target).message, Contains("it is one for hosts, not for users"));
  }
  SECTION("of another key") {
    certify(sshd.file("rsa"), "-n root -V -1h:+1h");
    CHECK_THAT(refusal(target).message, Contains("rsa-cert.pub (it certifies the key SHA256:") &&
                                            Contains("which none of the identity files is)"));
  }
  SECTION("no certificate at all") {
    target.certificate_files = {sshd.identity() + ".pub", sshd.file("missing")};
    CHECK_THAT(refusal(target).message, Contains("user_key.pub (not a certificate)") &&
                                            Contains("missing (No such file or directory)"));
  }
}

TEST_CASE("a certificate that is cut at any byte is none", "[auth]") {
  const test::TempDir folder;
  test::make_key(folder.file("ca"));
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    test::make_key(folder.file(type), type);
    run(fmt::format("ssh-keygen -q -s {} -I id -n a,b {}.pub 2>/dev/null", folder.file("ca"),
                    folder.file(type)));
    const auto words = split_words(test::read_file(folder.file(type) + "-cert.pub"));
    const std::string blob = *base64_decode(words[1]);
    const auto whole = parse_certificate(blob);
    REQUIRE(whole);
    CHECK(whole->principals == std::vector<std::string>{"a", "b"});
    CHECK(doubts(*whole, "a", 2'000'000'000).empty());
    const auto plain = split_words(test::read_file(folder.file(type) + ".pub"));
    CHECK((whole->public_blob == *base64_decode(plain[1])));
    for (size_t size = 0; size < blob.size(); ++size) {
      if (parse_certificate(std::string_view(blob).substr(0, size))) FAIL(size);
    }
  }
}

TEST_CASE("the keys of ssh-agent log in, if the operator says so", "[auth]") {
  const Sshd sshd;
  SshTarget target = sshd.target();
  target.identity_files = {sshd.file("missing")};
  target.agent = true;
  SECTION("no agent") {
    unsetenv("SSH_AUTH_SOCK");
    const Error error = refusal(target);
    CHECK(error.kind == ErrorKind::Authentication);
    CHECK_THAT(error.message, Contains("ssh-agent (SSH_AUTH_SOCK is not set)"));
    CHECK_THAT(error.remedy, Contains("start ssh-agent"));
  }
  SECTION("nobody at the socket") {
    setenv("SSH_AUTH_SOCK", sshd.file("nobody").c_str(), 1);
    CHECK_THAT(refusal(target).message, Contains("nobody: No such file or directory"));
    unsetenv("SSH_AUTH_SOCK");
  }
  SECTION("one that holds the key") {
    const SshAgent agent;
    CHECK_THAT(refusal(target).message, Contains("ssh-agent (it holds no key)"));
    agent.add(sshd.identity());
    CHECK(SshSession::connect(target, {}));
    target.agent = false;
    CHECK_THAT(refusal(target).message, Contains("nothing to offer") && !Contains("agent"));
  }
  SECTION("one that holds a certificate") {
    const test::TempDir folder;
    test::make_key(folder.file("ca"));
    const Sshd trusting("TrustedUserCAKeys " + folder.file("ca.pub"));
    test::write_file(trusting.file("authorized_keys"), "");
    run(fmt::format("ssh-keygen -q -s {} -I id -n root {}.pub 2>/dev/null", folder.file("ca"),
                    trusting.identity()));
    const SshAgent agent;
    agent.add(trusting.identity());
    target = trusting.target();
    target.identity_files.clear();
    target.agent = true;
    CHECK(SshSession::connect(target, {}));
  }
  SECTION("one that holds too many") {
    const SshAgent agent;
    for (int i = 0; i < 7; ++i) {
      test::make_key(sshd.file(fmt::format("k{}", i)));
      agent.add(sshd.file(fmt::format("k{}", i)));
    }
    const Error error = refusal(target);
    CHECK(error.kind == ErrorKind::Authentication);
    CHECK_THAT(error.message, Contains("the 7 keys of ssh-agent: ssh-ed25519 SHA256:"));
    CHECK_THAT(error.message, Contains("Too many authentication failures"));
    CHECK_THAT(error.remedy, Contains("ssh-agent holds 7 keys"));
  }
}

TEST_CASE("S16: an agent that does not answer holds a login up to its deadline only", "[auth]") {
  const Sshd sshd;
  SshTarget target = sshd.target();
  target.identity_files.clear();
  target.agent = true;
  target.connect_timeout = 1s;
  const auto before = std::chrono::steady_clock::now();
  SECTION("the list of keys") {
    const SilentAgent agent;
    CHECK_THAT(refusal(target).message, Contains("ssh-agent (it does not answer)"));
  }
  SECTION("libssh's own question") {
    const SilentAgent agent(1);
    CHECK(refusal(target).kind != ErrorKind::Internal);
  }
  SECTION("a cancel") {
    target.connect_timeout = 30s;
    const SilentAgent agent(1);
    std::stop_source source;
    const std::jthread operator_thread([&] {
      poll(nullptr, 0, 300);
      source.request_stop();
    });
    const auto session = SshSession::connect(target, source.get_token());
    REQUIRE_FALSE(session);
    CHECK(session.error().kind == ErrorKind::Cancelled);
  }
  CHECK(std::chrono::steady_clock::now() - before < 5s);
}
