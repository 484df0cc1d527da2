#include "remote/ssh/host_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/session.h"
#include "remote/ssh/shared_password.h"
#include "tests/support/ssh_peer.h"
#include "tests/support/sshd.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using test::SshPeer;

namespace {

Error refused_key(const SshTarget& target) {
  const auto session = SshSession::connect(target, {});
  if (session) throw std::runtime_error("the login was not refused");
  return session.error();
}

/// With a key and a password to give away.
SshTarget with_credentials(const SshPeer& peer, const test::TempDir& folder) {
  SshTarget target = peer.target();
  if (!std::filesystem::exists(folder.file("id"))) test::make_key(folder.file("id"));
  target.identity_files = {folder.file("id")};
  target.password = std::make_shared<SharedPassword>("s3cret", "a test");
  return target;
}

std::string name_of(const SshPeer& peer) { return fmt::format("[127.0.0.1]:{}", peer.port()); }

mode_t mode_of(const std::string& path) {
  struct stat info {};
  stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("S12: a server whose key does not fit receives no user name, key or password",
          "[host_key]") {
  const test::TempDir folder;
  test::make_key(folder.file("stranger"));
  const std::string stranger = test::read_file(folder.file("stranger.pub"));
  const SshPeer peer({.password = "s3cret", .host_keys = {"ed25519", "rsa"}});
  SshTarget target = with_credentials(peer, folder);
  const std::string name = name_of(peer);
  SECTION("one that fits is given them") {
    CHECK(SshSession::connect(target, {}));
    CHECK(peer.passwords() == 1);
    return;
  }
  SECTION("changed") { test::write_file(peer.known_hosts(), name + " " + stranger); }
  SECTION("changed, and accept-new") {
    test::write_file(peer.known_hosts(), name + " " + stranger);
    target.host_keys = HostKeyCheck::AcceptNew;
  }
  SECTION("revoked") {
    test::write_file(peer.known_hosts(),
                     fmt::format("{0} {1}\n@revoked * {1}\n@revoked * {2}\n", name,
                                 peer.host_key("ed25519"), peer.host_key("rsa")));
  }
  SECTION("revoked, and off") {
    test::write_file(peer.known_hosts(),
                     fmt::format("@revoked * {}\n@revoked * {}\n", peer.host_key("ed25519"),
                                 peer.host_key("rsa")));
    target.host_keys = HostKeyCheck::Off;
  }
  SECTION("revoked, and accept-new") {
    test::write_file(peer.known_hosts(),
                     fmt::format("@revoked * {}\n@revoked * {}\n", peer.host_key("ed25519"),
                                 peer.host_key("rsa")));
    target.host_keys = HostKeyCheck::AcceptNew;
  }
  SECTION("unknown") { test::write_file(peer.known_hosts(), ""); }
  SECTION("vouched for by an authority alone, and accept-new") {
    test::write_file(peer.known_hosts(), "@cert-authority * " + stranger);
    target.host_keys = HostKeyCheck::AcceptNew;
  }
  const Error error = refused_key(target);
  CHECK(error.kind == ErrorKind::HostKey);
  CHECK_THAT(error.message, Contains("SHA256:"));
  CHECK(peer.received().empty());
}

TEST_CASE("S12: a server that has only an older type than the one on record is refused",
          "[host_key]") {
  const test::TempDir folder;
  test::make_key(folder.file("former"));
  const SshPeer peer({.password = "s3cret", .host_keys = {"rsa"}});
  SshTarget target = with_credentials(peer, folder);
  SECTION("its record holds RSA: it works") { CHECK(SshSession::connect(target, {})); }
  SECTION("its record holds ed25519") {
    test::write_file(peer.known_hosts(),
                     name_of(peer) + " " + test::read_file(folder.file("former.pub")));
    for (const HostKeyCheck check : {HostKeyCheck::Strict, HostKeyCheck::AcceptNew}) {
      target.host_keys = check;
      const Error error = refused_key(target);
      CHECK(error.kind == ErrorKind::HostKey);
      CHECK_THAT(error.message, Contains("its host key has changed: it showed ssh-rsa SHA256:") &&
                                    Contains("on record is ssh-ed25519 SHA256:"));
    }
    CHECK(peer.received().empty());
  }
}

TEST_CASE("accept-new puts the key of a new host on record, before it logs in", "[host_key]") {
  const test::TempDir folder;
  const SshPeer peer({.password = "s3cret"});
  SshTarget target = with_credentials(peer, folder);
  target.host_keys = HostKeyCheck::AcceptNew;
  std::vector<std::string> warnings;
  target.warn = [&](const std::string& text) { warnings.push_back(text); };
  const std::string entry = name_of(peer) + " " + peer.host_key("ed25519") + "\n";
  SECTION("into a file and a folder that are not there") {
    target.known_hosts_files = {folder.file("new/known_hosts"), folder.file("second")};
    REQUIRE(SshSession::connect(target, {}));
    CHECK(test::read_file(folder.file("new/known_hosts")) == entry);
    CHECK(mode_of(folder.file("new/known_hosts")) == 0600);
    CHECK(mode_of(folder.file("new")) == 0700);
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], Contains("w1 (127.0.0.1:") && Contains("ssh-ed25519 SHA256:") &&
                                Contains(folder.file("new/known_hosts")));
    REQUIRE(SshSession::connect(target, {}));
    CHECK(warnings.size() == 1);
    CHECK(test::read_file(folder.file("new/known_hosts")) == entry);
  }
  SECTION("behind a last line without its end") {
    test::write_file(peer.known_hosts(), "w7 " + peer.host_key("ed25519"));
    REQUIRE(SshSession::connect(target, {}));
    CHECK(test::read_file(peer.known_hosts()) == "w7 " + peer.host_key("ed25519") + "\n" + entry);
  }
  SECTION("hashed where the others are") {
    test::write_file(peer.known_hosts(), "w7 " + peer.host_key("ed25519") + "\n");
    REQUIRE(std::system(fmt::format("ssh-keygen -q -H -f {} >/dev/null 2>&1", peer.known_hosts())
                            .c_str()) == 0);
    REQUIRE(SshSession::connect(target, {}));
    CHECK_THAT(test::read_file(peer.known_hosts()), !Contains("127.0.0.1"));
    CHECK(std::system(fmt::format("ssh-keygen -q -F '{}' -f {} >/dev/null", name_of(peer),
                                  peer.known_hosts())
                          .c_str()) == 0);
    REQUIRE(SshSession::connect(target, {}));
    CHECK(warnings.size() == 1);
  }
  SECTION("a file that cannot be written ends it") {
    std::filesystem::create_directory(folder.file("directory"));
    target.known_hosts_files = {folder.file("directory")};
    const Error error = refused_key(target);
    CHECK(error.kind == ErrorKind::HostKey);
    CHECK_THAT(error.message, Contains("cannot be put on record: " + folder.file("directory")));
    CHECK(peer.received().empty());
  }
  SECTION("another program that holds the file is waited for, not for ever") {
    const UniqueFd fd(open(peer.known_hosts().c_str(), O_RDWR | O_TRUNC | O_CLOEXEC));
    REQUIRE(flock(fd.get(), LOCK_EX) == 0);
    target.connect_timeout = 300ms;
    CHECK(refused_key(target).kind == ErrorKind::Timeout);
    CHECK(peer.received().empty());
  }
}

TEST_CASE("S12: of two keys that are shown at once for a new host one is taken", "[host_key]") {
  const test::TempDir folder;
  const auto records = std::make_shared<KnownHosts>();
  const std::string other_process = folder.file("known_hosts");
  std::vector<HostKey> keys;
  for (int i = 0; i < 8; ++i) {
    test::make_key(folder.file(fmt::format("k{}", i)));
    const auto words = split_words(test::read_file(folder.file(fmt::format("k{}.pub", i))));
    keys.push_back({words[0], *base64_decode(words[1])});
  }
  SshTarget target;
  target.address = "10.0.0.1";
  target.known_hosts_files = {other_process};
  target.host_keys = HostKeyCheck::AcceptNew;
  std::atomic<int> warned{0};
  target.warn = [&](const std::string&) { ++warned; };
  std::atomic<int> admitted{0};
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < keys.size(); ++i) {
      threads.emplace_back([&, i] {
        KnownHosts own;  // as another process has it
        KnownHosts& each = i % 2 == 0 ? *records : own;
        const Limit limit{std::chrono::steady_clock::now() + 30s, {}};
        const auto files = each.read(target.known_hosts_files);
        if (admit_host_key(target, each, files, keys[i], limit)) ++admitted;
      });
    }
  }
  CHECK(admitted == 1);
  CHECK(warned == 1);
  CHECK(split_lines(test::read_file(other_process)).size() == 1);
}

TEST_CASE("off lets every key through but a revoked one", "[host_key]") {
  const test::TempDir folder;
  test::make_key(folder.file("stranger"));
  const SshPeer peer({.password = "s3cret"});
  SshTarget target = with_credentials(peer, folder);
  target.host_keys = HostKeyCheck::Off;
  const std::string changed = name_of(peer) + " " + test::read_file(folder.file("stranger.pub"));
  test::write_file(peer.known_hosts(), changed);
  CHECK(SshSession::connect(target, {}));
  CHECK(test::read_file(peer.known_hosts()) == changed);
}

TEST_CASE("a known_hosts file is read again when it was changed, and only then", "[known_hosts]") {
  const test::TempDir folder;
  const std::string path = folder.file("known_hosts");
  test::write_file(path, "w1 ssh-ed25519 AAAA\n");
  KnownHosts records;
  const auto first = records.read({path})[0].lines;
  CHECK(records.read({path})[0].lines == first);
  test::write_file(path, "w1 ssh-ed25519 AAAA\nw2 ssh-ed25519 AAAA\n");
  const auto second = records.read({path})[0].lines;
  CHECK(second != first);
  test::write_file(folder.file("new"), test::read_file(path));
  std::filesystem::rename(folder.file("new"), path);
  CHECK(records.read({path})[0].lines != second);
  std::filesystem::remove(path);
  CHECK(records.read({path})[0].problem == "No such file or directory");
}

TEST_CASE("10,000 hashed lines cost a host next to nothing", "[known_hosts]") {
  const test::TempDir folder;
  const std::string key =
      " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMDjGF7OY+BQifsceoLc2cp/MsVvfakxgtC8lsUkCqQI\n";
  const HostKey shown{"ssh-ed25519", *base64_decode(split_words(key)[1])};
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    const std::string salt = fmt::format("{:020}", i);
    const std::string name = fmt::format("host-{}", i);
    text +=
        fmt::format("|1|{}|{}{}", base64_encode(salt), base64_encode(hmac_sha1(salt, name)), key);
  }
  test::write_file(folder.file("known_hosts"), text);
  KnownHosts records;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::jthread> threads;
  std::atomic<int> known{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < 50; i += 4) {
        const auto files = records.read({folder.file("known_hosts")});
        const std::string name = fmt::format("host-{}", i * 200);
        const bool one = known_keys(files, name, 22).size() == 1;
        const auto verdict = judge_host_key(files, name, 22, shown);
        if (one && verdict.kind == HostKeyVerdict::Kind::Known) ++known;
      }
    });
  }
  threads.clear();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  CHECK(known == 50);
  // Each host would take 20 ms and more if every salt were taken in anew, twice.
  INFO(fmt::format("50 hosts in {:.1f} ms", took.count()));
  CHECK(took < 5s);
}
