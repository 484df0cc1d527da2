#include "orchestrator/etcd/snapshot_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "examples/sandbox/tools/etcd_database.h"
#include "inventory/base/digest.h"
#include "orchestrator/etcd/backup_folder.h"
#include "orchestrator/etcd/snapshot_version.h"
#include "tests/support/read_file.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

using Catch::Matchers::Contains;
namespace detail = sandbox::etcd_database_detail;

std::string raw_sha256(const std::string& data) {
  const std::string hex = sha256_hex(data);
  std::string raw;
  for (size_t i = 0; i < hex.size(); i += 2) {
    raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return raw;
}

std::string with_checksum(const std::string& data) { return data + raw_sha256(data); }

/// One whose keys have a branch page above two leaves: the newest is in the second.
std::string with_branch(std::uint64_t revision) {
  std::string bytes = sandbox::etcd_database(revision, 3);
  constexpr std::size_t kPage = detail::kPage;
  for (const std::size_t page : {5, 6}) {
    bytes.replace(page * kPage, kPage, bytes.substr(4 * kPage, kPage));
    detail::put(bytes, page * kPage, page, 8);
  }
  bytes[5 * kPage + 32 + 7] = 1;  // an older revision
  bytes.replace(4 * kPage, kPage, std::string(kPage, '\0'));
  detail::put_header(bytes, 4, 1, 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t at = 4 * kPage + 16 + 16 * i;
    detail::put(bytes, at, 100, 4);
    detail::put(bytes, at + 8, 5 + i, 8);
  }
  return bytes;
}

class Folder : public test::TempDir {
 public:
  std::string put(const std::string& name, const std::string& content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }
  Result<Snapshot> verify(const std::string& content) const {
    return verify_snapshot(put("x.db", content), {});
  }
};

}  // namespace

TEST_CASE("a snapshot that is whole is accepted, and says how far it goes", "[etcd]") {
  const Folder folder;
  for (const std::string& data :
       {sandbox::etcd_database(1187), sandbox::etcd_database(0x0102030405060708, 700),
        with_branch(99)}) {
    const std::string whole = with_checksum(data);
    const auto verified = folder.verify(whole);
    REQUIRE(verified);
    CHECK(verified->bytes == whole.size());
    CHECK(verified->sha256 == sha256_hex(whole));
    CHECK(verified->revision ==
          (data == with_branch(99) ? 99 : sandbox::etcd_database_revision(data)));
  }
}

TEST_CASE("a flipped byte anywhere is never accepted", "[etcd]") {
  const Folder folder;
  const std::string whole = with_checksum(sandbox::etcd_database(1187, 300));
  std::vector<size_t> places = {
      1, 8, 16, 20, 31, 4095, whole.size() - 33, whole.size() - 32, whole.size() - 1};
  for (size_t at = 0; at < whole.size(); at += 4096) places.push_back(at);
  REQUIRE(places.size() > 300);
  size_t accepted = 0;
  for (const size_t at : places) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    const auto verified = folder.verify(bad);
    accepted += verified.has_value();
    if (!verified) {
      CHECK(verified.error().kind == ErrorKind::File);
      CHECK_THAT(verified.error().message, Contains("x.db: ") && Contains("checksum"));
    }
  }
  CHECK(accepted == 0);
}

TEST_CASE("a snapshot that was cut is never accepted", "[etcd]") {
  const Folder folder;
  const std::string whole = with_checksum(sandbox::etcd_database(1187));
  size_t accepted = 0;
  for (size_t size = 0; size < whole.size();
       size += size < 2000 || size + 2000 > whole.size() ? 1 : 97) {
    const auto verified = folder.verify(whole.substr(0, size));
    accepted += verified.has_value();
    if (!verified) CHECK(verified.error().kind == ErrorKind::File);
  }
  for (size_t size = 32; size < whole.size(); size += 512) {
    accepted += folder.verify(whole.substr(0, size)).has_value();
  }
  CHECK(accepted == 0);
}

TEST_CASE("each way in which a file is no snapshot has its words", "[etcd]") {
  const Folder folder;
  const std::string data = sandbox::etcd_database(1187);
  const std::string noise(4096, 'n');
  std::string lost = data;
  lost[3 * 4096 + 10] = 0;  // the root has no bucket
  std::string astray = data;
  detail::put(astray, 3 * 4096 + 16 + 16 + 3, 1 << 30, 8);  // the bucket's page is far out
  struct Row {
    std::string content;
    const char* says;
  };
  for (const Row& row : {Row{"", "it is empty"}, Row{data, "has no checksum at its end"},
                         Row{"short", "5 bytes are not the size of a snapshot"},
                         Row{std::string(32, 'x'), "not the size of a snapshot"},
                         Row{noise + std::string(32, 'x'), "no snapshot of etcd"},
                         Row{with_checksum(noise), "does not begin as a database of etcd does"},
                         Row{with_checksum(std::string(512, '\0')), "does not begin"},
                         Row{with_checksum(lost), "no keys of etcd in it"},
                         Row{with_checksum(astray), "it is damaged"}}) {
    CAPTURE(row.says);
    const auto verified = folder.verify(row.content);
    REQUIRE_FALSE(verified);
    CHECK_THAT(verified.error().message, Contains(row.says));
  }
  CHECK_THAT(verify_snapshot(folder.path(), {}).error().message, Contains("it is a folder"));
  CHECK_THAT(verify_snapshot(folder.file("none"), {}).error().message, Contains("No such file"));
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_THAT(verify_snapshot(folder.file("pipe"), {}).error().message,
             Contains("not a regular file"));
  CHECK(verify_snapshot("/nowhere/\x1b[2J", {}).error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("pages that lead in circles or astray are an error, not a hang", "[etcd]") {
  const Folder folder;
  const std::string data = sandbox::etcd_database(1187);
  std::string circle = with_branch(5);
  detail::put(circle, 4 * 4096 + 16 + 16 + 8, 4, 8);  // the branch is its own child
  CHECK_FALSE(folder.verify(with_checksum(circle)));
  // Whatever stands in the pages on the way, reading them ends, and never outside the file.
  for (size_t at = 2 * 4096; at < 5 * 4096; at += 7) {
    for (const char value : {'\0', '\x01', '\xff'}) {
      std::string odd = data;
      odd[at] = value;
      (void)folder.verify(with_checksum(odd));
    }
  }
}

TEST_CASE("the version of Kubernetes is read out of a snapshot", "[etcd]") {
  const Folder folder;
  const auto version = [&](const std::string& revision, const std::string& name,
                           const std::string& value) {
    std::string message = "\x0a" + std::string(1, static_cast<char>(name.size())) + name;
    message += std::string("\x10\x05\x18\x80\x01\x2a", 6);
    message += static_cast<char>(value.size());
    std::string bytes = sandbox::etcd_database(1187);
    detail::put_leaf(bytes, 4, false, revision, message + value);
    return kubernetes_of(folder.put("x.db", with_checksum(bytes)));
  };
  const std::string name = "/registry/configmaps/kube-system/kubeadm-config";
  const std::string value = "k8s kind: ClusterConfiguration\nkubernetesVersion: v1.33.13\nx: y\n";
  const std::string revision(17, '\1');
  CHECK(version(revision, name, value) == "v1.33.13");
  CHECK(version(revision + 't', name, value) == "");
  CHECK(version(revision, name + '2', value) == "");
  CHECK(version(revision, name, "k8s:enc:aescbc:v1:key1:nothing to be read") == "");
  CHECK(version(revision, name, "kubernetesVersion: \x1b[2J\n") == "");
  CHECK(kubernetes_of(folder.put("x.db", with_checksum(with_branch(99)))) == "");
  CHECK(kubernetes_of(folder.file("none")) == "");
}

TEST_CASE("Ctrl-C ends the reading of a large file", "[etcd]") {
  const Folder folder;
  std::stop_source stop;
  stop.request_stop();
  const auto verified = verify_snapshot(
      folder.put("x.db", with_checksum(sandbox::etcd_database(1))), stop.get_token());
  REQUIRE_FALSE(verified);
  CHECK(verified.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("a backup is placed whole, and never over another", "[etcd]") {
  const Folder folder;
  const std::string from = folder.put(".new", "new");
  REQUIRE(place_file(from, folder.file("a.db")));
  CHECK(test::read_file(folder.file("a.db")) == "new");
  CHECK_FALSE(std::filesystem::exists(from));
  const std::string again = folder.put(".new", "newer");
  const Status placed = place_file(again, folder.file("a.db"));
  REQUIRE_FALSE(placed);
  CHECK(placed.error().kind == ErrorKind::File);
  CHECK(test::read_file(folder.file("a.db")) == "new");
}

TEST_CASE("what a backup that was killed left is taken away, and nothing else", "[etcd]") {
  const Folder folder;
  const std::string old = ".etcd-prod-20200101T000000Z-0123.db";
  const std::vector<std::string> stay = {".etcd-other-20200101T000000Z-0123.db", ".notes",
                                         "etcd-prod-20200101T000000Z-0123.db"};
  std::vector<std::string> names = stay;
  names.insert(names.end(), {old, old + ".part"});
  for (const std::string& name : names) {
    std::filesystem::last_write_time(
        folder.put(name, "x"),
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(3));
  }
  const std::string young = folder.put(".etcd-prod-20200101T000001Z-0123.db.part", "x");
  sweep_backup_folder(folder.path(), "prod");
  for (const std::string& name : stay) CHECK(std::filesystem::exists(folder.file(name)));
  CHECK(std::filesystem::exists(young));
  CHECK_FALSE(std::filesystem::exists(folder.file(old)));
  CHECK_FALSE(std::filesystem::exists(folder.file(old + ".part")));
}

TEST_CASE("the folder of backups", "[etcd]") {
  const Folder folder;
  REQUIRE(prepare_backup_folder(folder.file("a/b")));
  struct stat info {};
  REQUIRE(stat(folder.file("a/b").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  const std::string in_the_way = folder.put("file", "x");
  CHECK(prepare_backup_folder(in_the_way).error().kind == ErrorKind::File);
  CHECK(check_room(folder.path(), 1));
  const Status full = check_room(folder.path(), std::uint64_t{1} << 60);
  REQUIRE_FALSE(full);
  CHECK(full.error().kind == ErrorKind::File);
  CHECK_THAT(full.error().message, Contains("bytes are free there"));
  folder.put("b.db", "");
  folder.put(".hidden", "");
  std::filesystem::create_symlink("b.db", folder.file("link.db"));
  CHECK(files_in(folder.path()).value() == std::vector<std::string>{"b.db", "file"});
  CHECK(files_in(folder.file("none")).error().kind == ErrorKind::File);
}

}  // namespace drover::orchestrator
