#include "remote/ssh/known_hosts.h"

#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "remote/ssh/host_key.h"

using namespace drover::remote;
using Catch::Contains;
using VerdictKind = HostKeyVerdict::Kind;

namespace {

const std::string kKeyA =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMDjGF7OY+BQifsceoLc2cp/MsVvfakxgtC8lsUkCqQI";
const std::string kKeyB =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIML2A8okQZP6vldCxRnsUSPtHr3d9pt5ZmTkEQUJbuAS";
const std::string kEcdsa =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDKzIcLdQyRjmX3GFY6lNaPL"
    "qTQODjCUt8h1D7RLk+R96LRtcjhNWKzkcNOoWgEe7+Uifi+5/4BlaKemC7MITgc=";
const std::string kPrintA = "SHA256:yuU+0tapU9y3ThO0SwMg4LLrj81Q7kQJoee0p8oVGhk";
const std::string kPrintB = "SHA256:aGv7Nbnnh+K1Y3oAetcH3KBeazpChmLPBwJXz4Pyvu4";

// Made by `ssh-keygen -H` from "w1.example" and "[10.0.0.11]:2222".
const std::string kHashedName = "|1|R4hfJejy5g9FUkEsyqQFzPiM8eY=|aB4niW3n8on75MsLVbMfd2N0TXU=";
const std::string kHashedPort = "|1|o9nFh62ol4dSzztB0AQeIVKHbjQ=|rGclWaL3Vk8s7ZnqXpANkgjXTCQ=";

HostKey key(const std::string& text) {
  const size_t space = text.find(' ');
  return {text.substr(0, space), *drover::base64_decode(text.substr(space + 1))};
}

std::vector<KnownHostsFile> file(const std::string& text) { return {{"/kh", text, {}}}; }

VerdictKind verdict(const std::string& text, const std::string& address, int port,
                    const std::string& shown = kKeyA) {
  return judge_host_key(file(text), address, port, key(shown)).kind;
}

SshTarget target() {
  SshTarget target;
  target.host = "w1";
  target.address = "10.0.0.11";
  target.port = 2222;
  target.known_hosts_files = {"/kh", "/etc/other hosts"};
  return target;
}

}  // namespace

TEST_CASE("S12: a known_hosts line holds for the names that it says", "[known_hosts]") {
  struct Row {
    std::string names;
    std::string address;
    int port;
    VerdictKind expected;
  };
  const std::vector<Row> rows = {
      {"w1", "w1", 22, VerdictKind::Known},
      {"w1", "W1", 22, VerdictKind::Known},
      {"W1", "w1", 22, VerdictKind::Known},
      {"w1", "w11", 22, VerdictKind::Unknown},
      {"w11", "w1", 22, VerdictKind::Unknown},
      {"w1", "w1", 2222, VerdictKind::Unknown},
      {"[w1]:2222", "w1", 2222, VerdictKind::Known},
      {"[w1]:2222", "w1", 22, VerdictKind::Unknown},
      {"[w1]:2222", "w1", 222, VerdictKind::Unknown},
      {"fd00::11", "fd00::11", 22, VerdictKind::Known},
      {"[fd00::11]:2222", "fd00::11", 2222, VerdictKind::Known},
      {"a,w1,10.0.0.11", "10.0.0.11", 22, VerdictKind::Known},
      {"a,w1,10.0.0.11", "a", 22, VerdictKind::Known},
      {"a,w1,10.0.0.11", "10.0.0.1", 22, VerdictKind::Unknown},
      {"10.0.0.*", "10.0.0.11", 22, VerdictKind::Known},
      {"10.0.0.*", "10.0.1.11", 22, VerdictKind::Unknown},
      {"10.0.0.?", "10.0.0.1", 22, VerdictKind::Known},
      {"10.0.0.?", "10.0.0.11", 22, VerdictKind::Unknown},
      {"*.example,!w2.example", "w1.example", 22, VerdictKind::Known},
      {"*.example,!w2.example", "w2.example", 22, VerdictKind::Unknown},
      {"!w2.example,*.example", "w2.example", 22, VerdictKind::Unknown},
      {"!w2.example", "w1.example", 22, VerdictKind::Unknown},
      {"*", "anything", 22, VerdictKind::Known},
      {"*a*b*c", "xaybzc", 22, VerdictKind::Known},
      {"*a*b*c", "xaybz", 22, VerdictKind::Unknown},
      {"*", "w1", 2222, VerdictKind::Known},
      {"[*]:2222", "w1", 2222, VerdictKind::Known},
      {kHashedName, "w1.example", 22, VerdictKind::Known},
      {kHashedName, "W1.Example", 22, VerdictKind::Known},
      {kHashedName, "w2.example", 22, VerdictKind::Unknown},
      {kHashedName, "w1.example", 2222, VerdictKind::Unknown},
      {kHashedPort, "10.0.0.11", 2222, VerdictKind::Known},
      {kHashedPort, "10.0.0.11", 22, VerdictKind::Unknown},
      {"|1|R4hfJejy5g9FUkEsyqQFzPiM8eY=|", "w1.example", 22, VerdictKind::Unknown},
      {"|1|R4hfJejy5g9FUkEsyqQFzPiM8eY=", "w1.example", 22, VerdictKind::Unknown},
  };
  for (const Row& row : rows) {
    CAPTURE(row.names, row.address, row.port);
    CHECK(verdict(row.names + " " + kKeyA + "\n", row.address, row.port) == row.expected);
  }
}

TEST_CASE("S12: only the very key on record is known", "[known_hosts]") {
  struct Row {
    std::string text;
    VerdictKind expected;
  };
  const std::vector<Row> rows = {
      {"", VerdictKind::Unknown},
      {"w1 " + kKeyA, VerdictKind::Known},
      {"w1 " + kKeyA + " a comment\r\n", VerdictKind::Known},
      {"  \tw1\t" + kKeyA + "\n", VerdictKind::Known},
      {"# w1 " + kKeyA + "\n", VerdictKind::Unknown},
      {"w1 " + kKeyB + "\n", VerdictKind::Changed},
      {"w1 " + kEcdsa + "\n", VerdictKind::Changed},
      {"w1 " + kKeyB + "\nw1 " + kKeyA + "\n", VerdictKind::Known},
      {"w2 " + kKeyB + "\n", VerdictKind::Unknown},
      {"@revoked w1 " + kKeyA + "\n", VerdictKind::Revoked},
      {"w1 " + kKeyA + "\n@revoked * " + kKeyA + "\n", VerdictKind::Revoked},
      {"@revoked * " + kKeyA + "\nw1 " + kKeyA + "\n", VerdictKind::Revoked},
      {"@revoked w2 " + kKeyA + "\nw1 " + kKeyA + "\n", VerdictKind::Known},
      {"@revoked * " + kKeyB + "\nw1 " + kKeyA + "\n", VerdictKind::Known},
      {"@revoked * " + kKeyB + "\n", VerdictKind::Unknown},
      {"@cert-authority * " + kKeyA + "\n", VerdictKind::Unknown},
      {"@cert-authority * " + kKeyB + "\nw1 " + kKeyA + "\n", VerdictKind::Known},
      {"@strange w1 " + kKeyA + "\n", VerdictKind::Unknown},
      {"w1\n", VerdictKind::Unknown},
      {"w1 ssh-ed25519\n", VerdictKind::Unknown},
      {"w1 ssh-ed25519 !!!!\n", VerdictKind::Unknown},
      {"w1 ssh-rsa" + kKeyA.substr(kKeyA.find(' ')) + "\n", VerdictKind::Unknown},
      {"w1 " + kKeyA.substr(0, kKeyA.size() - 4) + "\n", VerdictKind::Changed},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(verdict(row.text, "w1", 22) == row.expected);
  }
}

TEST_CASE("S12: a known_hosts file cut at any byte never makes another key known",
          "[known_hosts]") {
  const std::string text = "@revoked * " + kKeyB + "\nw1,10.0.0.11 " + kKeyA + "\n" + kHashedName +
                           " " + kKeyA + "\nw1 " + kEcdsa + "\n";
  for (size_t length = 0; length <= text.size(); ++length) {
    CAPTURE(length);
    CHECK(verdict(text.substr(0, length), "w1", 22, kKeyB) != VerdictKind::Known);
    CHECK(verdict(text.substr(0, length), "w2", 22, kKeyA) != VerdictKind::Known);
  }
  CHECK(verdict(text, "w1", 22, kKeyB) == VerdictKind::Revoked);
}

TEST_CASE("all known_hosts files count", "[known_hosts]") {
  const std::vector<KnownHostsFile> files = {
      {"/one", "w1 " + kKeyB + "\n", {}},
      {"/two", "# nothing\n\nw1 " + kKeyA + "\n", {}},
  };
  const HostKeyVerdict known = judge_host_key(files, "w1", 22, key(kKeyA));
  CHECK(known.kind == VerdictKind::Known);
  const HostKeyVerdict changed = judge_host_key(files, "w1", 22, key(kEcdsa));
  CHECK(changed.kind == VerdictKind::Changed);
  REQUIRE(changed.known.size() == 2);
  CHECK(changed.known[0].fingerprint == kPrintB);
  CHECK(changed.known[0].path == "/one");
  CHECK(changed.known[0].line == 1);
  CHECK(changed.known[1].fingerprint == kPrintA);
  CHECK(changed.known[1].path == "/two");
  CHECK(changed.known[1].line == 3);
}

TEST_CASE("a host is asked for a key of a type on record", "[known_hosts]") {
  const auto algorithms = [](const std::string& text) {
    return host_key_algorithms(known_keys(file(text), "w1", 22));
  };
  CHECK(algorithms("").empty());
  CHECK(algorithms("w2 " + kKeyA).empty());
  CHECK(algorithms("w1 " + kKeyA) == "ssh-ed25519");
  CHECK(algorithms("w1 " + kEcdsa + "\nw1 " + kKeyA) == "ssh-ed25519,ecdsa-sha2-nistp256");
  CHECK(algorithms("w1 ssh-rsa " + drover::base64_encode(std::string("\0\0\0\7ssh-rsa", 11))) ==
        "rsa-sha2-512,rsa-sha2-256");
  CHECK(algorithms("@cert-authority w1 " + kKeyA).empty());
  CHECK(algorithms("w1 " + kKeyA + "\nw1 " + kEcdsa + "\n@revoked * " + kKeyA) ==
        "ecdsa-sha2-nistp256");
}

TEST_CASE("a refused host key says all that is needed to decide", "[known_hosts]") {
  SECTION("unknown") {
    std::vector<KnownHostsFile> files = file("@cert-authority * " + kKeyB);
    files.push_back({"/etc/other hosts", "", "No such file or directory"});
    const auto status = check_host_key(target(), files, key(kKeyA));
    REQUIRE_FALSE(status);
    CHECK(status.error().kind == drover::ErrorKind::HostKey);
    CHECK(status.error().message ==
          "w1 (10.0.0.11:2222): its host key is not known: it showed ssh-ed25519 " + kPrintA +
              ", and /kh or /etc/other hosts (No such file or directory) has no key of "
              "[10.0.0.11]:2222; /kh:1 is a @cert-authority line for it, but host certificates are "
              "not supported");
    CHECK(status.error().remedy ==
          "compare the fingerprint on the machine itself (ssh-keygen -lf "
          "/etc/ssh/ssh_host_ed25519_key.pub), then: ssh-keyscan -p 2222 10.0.0.11 >> /kh");
  }
  SECTION("changed") {
    const auto status = check_host_key(target(), file("[10.0.0.11]:2222 " + kKeyB), key(kKeyA));
    REQUIRE_FALSE(status);
    CHECK(status.error().message ==
          "w1 (10.0.0.11:2222): its host key has changed: it showed ssh-ed25519 " + kPrintA +
              ", on record is ssh-ed25519 " + kPrintB + " (/kh:1)");
    CHECK_THAT(status.error().remedy, Contains("ssh-keygen -R '[10.0.0.11]:2222' -f /kh; "
                                               "ssh-keyscan -p 2222 10.0.0.11 >> /kh"));
  }
  SECTION("revoked") {
    const auto status = check_host_key(target(), file("\n@revoked * " + kKeyA), key(kKeyA));
    REQUIRE_FALSE(status);
    CHECK(status.error().message ==
          "w1 (10.0.0.11:2222): its host key is revoked: it showed ssh-ed25519 " + kPrintA +
              ", which /kh:2 marks @revoked");
  }
  SECTION("known") { CHECK(check_host_key(target(), file(kHashedPort + " " + kKeyA), key(kKeyA))); }
}
