#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/etcd_database.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "examples/sandbox/tools/tools.h"
#include "inventory/base/digest.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDatabase = "/var/lib/etcd/member/snap/db";
constexpr const char* kLockFile = "/var/lib/sandbox/lock";  // the API's Lease, told by itself
constexpr size_t kPage = 512;  // what precedes the hash of a snapshot is a multiple of it
constexpr size_t kHash = 32;

struct Words {
  std::vector<std::string> words;
  std::string form = "simple";  ///< -w
  bool cluster = false;         ///< all members are asked
};

Words read_words(const Call& call) {
  Words read;
  const std::vector<std::string>& args = call.args();
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& word = args[i];
    if ((word == "-w" || word == "--write-out") && i + 1 < args.size()) {
      read.form = args[++i];
    } else if (word.starts_with("--write-out=")) {
      read.form = word.substr(word.find('=') + 1);
    } else if (word == "--cluster") {
      read.cluster = true;
    } else if (!word.starts_with("--")) {
      read.words.push_back(word);  // any other option says how to reach etcd
    }
  }
  return read;
}

// "3.6.5" of the etcd that runs here.
std::string etcd_version() {
  const std::string tag = release_of(manifest_version("etcd")).etcd;
  return tag.substr(0, tag.find('-'));
}

bool is_at_least_3_6() { return etcd_version() >= "3.6"; }

/// What etcd of this minor said: "etcd/defrag" and "out".
std::string said(std::string_view name, std::string_view ending, const Replacements& changes = {}) {
  return recorded(fmt::format("{}-{}.{}", name, is_at_least_3_6() ? "3.6" : "3.5", ending),
                  changes);
}

Json said_json(std::string_view name) { return Json::parse(said(name, "json")); }

void print(const Json& json) { out(json.dump() + '\n'); }

std::string raw_sha256(const std::string& data) {
  const std::string hex = sha256_hex(data);
  std::string raw;
  for (size_t i = 0; i < hex.size(); i += 2) {
    raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return raw;
}

/// The database with what the API has in it now.
std::string as_it_is(const std::string& database) {
  const std::uint64_t revision = etcd_database_revision(database);
  if (revision == 0) return database;  // of a test's own
  const size_t free = (std::max(database.size(), kEtcdInUse) - kEtcdInUse) / 4096;
  return etcd_database(revision, free,
                       {cluster_version(), std::string(trim(read_file(kLockFile).value_or("")))});
}

int save(Call& call, const std::string& file) {
  call.begin(Effect::Changes, recorded("etcd/save-failed.err"));
  std::string data = as_it_is(read_file(kDatabase).value_or(""));
  data.resize((data.size() + kPage - 1) / kPage * kPage);
  data += raw_sha256(data);
  const std::string part = file + ".part";
  write_file(part, data.substr(0, data.size() / 2));
  lasts(kSaveSnapshot);
  call.half_way();
  write_file(part, data);
  std::filesystem::rename(part, file);
  out(said("etcd/snapshot-save", "out", {{"/var/lib/etcd/x.db", file}}));
  return 0;
}

Json status_of(const std::string& snapshot) {
  Json status = said_json("etcd/snapshot-status");
  status["hash"] = crc32(snapshot);
  status["revision"] = etcd_database_revision(snapshot);
  status["totalSize"] = snapshot.size() - kHash;
  return status;
}

int snapshot_status(Call& call, const Words& words) {
  call.begin(Effect::Reads, "Error: snapshot file is corrupted\n");
  const std::string& file = words.words[2];
  const auto snapshot = read_file(file);
  if (!snapshot) fail(fmt::format("Error: stat {}: no such file or directory", file));
  if (snapshot->size() % kPage != kHash)
    fail("Error: snapshot missing hash but --skip-hash-check=false");
  const std::string data = snapshot->substr(0, snapshot->size() - kHash);
  if (snapshot->substr(data.size()) != raw_sha256(data))
    fail("Error: expected sha256 does not match");
  const Json status = status_of(*snapshot);
  if (words.form == "json") {
    out(status.dump() + '\n');
  } else {
    out(fmt::format("{:x}, {}, {}, {}\n", status["hash"].get<unsigned>(), status["revision"].dump(),
                    status["totalKey"].dump(), status["totalSize"].dump()));
  }
  return 0;
}

struct Member {
  std::string name;
  std::string id;
};

std::vector<Member> members() {
  std::vector<Member> list;
  for (const Peer& peer : cluster_nodes()) {
    if (peer.control_plane) list.push_back({peer.name, sha256_hex(peer.name).substr(0, 16)});
  }
  return list;
}

std::string client_url() {
  const std::string front = "- --listen-client-urls=";
  for (const std::string& line : read_lines("/etc/kubernetes/manifests/etcd.yaml")) {
    const std::string_view text = trim(line);
    if (text.starts_with(front)) return split_words(text.substr(front.size())).front();
  }
  return "https://127.0.0.1:2379";
}

std::string first_url() {
  const std::string urls = client_url();
  return urls.substr(0, urls.find(','));
}

std::uint64_t id_of(const Member& member) { return std::stoull(member.id, nullptr, 16); }

/// The first control plane leads.
std::uint64_t leader() { return id_of(members().front()); }

std::uint64_t own_id() { return std::stoull(sha256_hex(host_name()).substr(0, 16), nullptr, 16); }

int member_list(Call& call, const Words& words) {
  call.begin(Effect::Reads, said("etcd/status-unreachable", "err"));
  Json list = said_json("etcd/member-list");
  list["header"]["member_id"] = own_id();
  Json shape = list["members"].front();
  list["members"].clear();
  for (const Member& member : members()) {
    shape["ID"] = id_of(member);
    shape["name"] = member.name;
    shape["clientURLs"] = {first_url()};
    if (words.form == "json") {
      list["members"].push_back(shape);
    } else {
      out(fmt::format("{}, started, {}, https://127.0.0.1:2380, {}, false\n", member.id,
                      member.name, first_url()));
    }
  }
  if (words.form == "json") print(list);
  return 0;
}

int endpoint_health(Call& call, const Words& words) {
  call.begin(Effect::Reads, said("etcd/status-unreachable", "err"));
  Json health = said_json("etcd/endpoint-health");
  health[0]["endpoint"] = first_url();
  for (size_t i = 1; words.cluster && i < members().size(); ++i) health.push_back(health[0]);
  if (words.form == "json") {
    print(health);
  } else {
    err(fmt::format("{} is healthy: successfully committed proposal: took = {}\n", first_url(),
                    health[0]["took"].get<std::string>()));
  }
  return 0;
}

int endpoint_status(Call& call, const Words& words) {
  call.begin(Effect::Reads, said("etcd/status-unreachable", "err"));
  const size_t size = read_file(kDatabase).value_or("").size();
  if (words.form == "json") {
    Json list = said_json("etcd/endpoint-status");
    list[0]["Endpoint"] = first_url();
    Json& status = list[0]["Status"];
    status["header"]["member_id"] = own_id();
    status["leader"] = leader();
    status["version"] = etcd_version();
    status["dbSize"] = size;
    status["dbSizeInUse"] = std::min(size, kEtcdInUse);
    print(list);
  } else {
    out(fmt::format("{}, {:x}, {}, {} B, {}, false, 2, 1187, 1187, \n", first_url(), own_id(),
                    etcd_version(), size, own_id() == leader()));
  }
  return 0;
}

// Nobody ever raised one here: in simple form there is nothing to print.
int alarm_list(Call& call, const Words& words) {
  call.begin(Effect::Reads, said("etcd/status-unreachable", "err"));
  if (words.form == "json") print(said_json("etcd/alarm-list"));
  return 0;
}

/// The database keeps what is in use.
int defrag(Call& call) {
  call.begin(Effect::Changes, said("etcd/defrag-unreachable", "err"));
  lasts(kDefrag);
  call.half_way();
  const std::string data = read_file(kDatabase).value_or("");
  write_file(kDatabase, data.substr(0, kEtcdInUse));
  out(said("etcd/defrag", "out", {{"https://127.0.0.1:2379", first_url()}}));
  return 0;
}

/// All members of one cluster have the same keys.
int endpoint_hashkv(Call& call, const Words& words) {
  call.begin(Effect::Reads, said("etcd/status-unreachable", "err"));
  if (words.form != "json") call.unknown();
  Json list = Json::parse(recorded("etcd/endpoint-hashkv.json"));
  const std::string database = read_file(kDatabase).value_or("");
  list[0]["Endpoint"] = first_url();
  list[0]["HashKV"]["header"]["revision"] = etcd_database_revision(database);
  list[0]["HashKV"]["header"]["member_id"] = own_id();
  for (size_t i = 1; words.cluster && i < members().size(); ++i) list.push_back(list[0]);
  print(list);
  return 0;
}

std::string option(const Call& call, const std::string& name) {
  for (const std::string& word : call.args()) {
    if (word.starts_with(name + '=')) return word.substr(name.size() + 1);
  }
  call.unknown();
}

/// Half-way: the folder is there and has no database in it.
int restore(Call& call, const std::string& file) {
  call.begin(Effect::Changes, recorded("etcd/restore-no-hash.err"));
  const std::string folder = option(call, "--data-dir");
  const std::uint64_t bump = std::stoull(option(call, "--bump-revision"));
  const std::string member =
      option(call, "--name") + '=' + option(call, "--initial-advertise-peer-urls");
  const std::string cluster = ',' + option(call, "--initial-cluster") + ',';
  if (cluster.find(',' + member + ',') == std::string::npos) call.unknown();
  const std::string snapshot = read_file(file).value_or("");
  if (exists(folder)) {
    err(recorded("etcd/restore-not-empty.err", {{"/var/lib/drover-rec/data", folder}}));
    return 1;
  }
  const size_t size = snapshot.size() - std::min(snapshot.size(), kHash);
  if (snapshot.size() % kPage != kHash ||
      snapshot.substr(size) != raw_sha256(snapshot.substr(0, size))) {
    err(recorded("etcd/restore-no-hash.err"));
    return 1;
  }
  std::filesystem::create_directories(folder + "/member/wal");
  lasts(kSaveSnapshot);
  call.half_way();
  const std::uint64_t revision = etcd_database_revision(snapshot);
  const EtcdContent content = etcd_database_content(snapshot);
  write_file(folder + "/member/snap/db", etcd_database(revision + bump, 1, content));
  write_file(kLockFile + std::string(".new-restored"), content.lock + '\n');
  std::filesystem::rename(kLockFile + std::string(".new-restored"),
                          kLockFile + std::string(".restored"));
  if (!content.version.empty() && content.version != cluster_version())
    upgrade_ended(content.version);
  err(said("etcd/snapshot-restore", "err",
           {{"/var/lib/drover-rec/rec.db", file},
            {"/var/lib/drover-rec/data36", folder},
            {"/var/lib/drover-rec/data", folder},
            {"1000000439", std::to_string(revision + bump)},
            {"439", std::to_string(revision)}}));
  return 0;
}

int print_version(Call& call) {
  call.begin(Effect::Reads, "");
  out(fmt::format("{} version: {}\nAPI version: {}\n", call.tool(), etcd_version(),
                  etcd_version().substr(0, 3)));
  return 0;
}

bool begins(const Words& words, const char* one, const char* other, size_t count) {
  return words.words.size() == count && words.words[0] == one && words.words[1] == other;
}

}  // namespace

/// etcdctl snapshot save|status, endpoint health|status|hashkv, member list, alarm list, defrag,
/// version; the status of a snapshot up to 3.5
int etcdctl(Call& call) {
  const Words words = read_words(call);
  if (words.words == std::vector<std::string>{"version"}) return print_version(call);
  if (begins(words, "snapshot", "save", 3)) return save(call, words.words[2]);
  if (begins(words, "snapshot", "status", 3) && !is_at_least_3_6())
    return snapshot_status(call, words);
  if (begins(words, "endpoint", "health", 2)) return endpoint_health(call, words);
  if (begins(words, "endpoint", "status", 2)) return endpoint_status(call, words);
  if (begins(words, "endpoint", "hashkv", 2)) return endpoint_hashkv(call, words);
  if (begins(words, "member", "list", 2)) return member_list(call, words);
  if (begins(words, "alarm", "list", 2)) return alarm_list(call, words);
  if (words.words == std::vector<std::string>{"defrag"}) return defrag(call);
  call.unknown();
}

/// etcdutl snapshot status|restore, version
int etcdutl(Call& call) {
  const Words words = read_words(call);
  if (words.words == std::vector<std::string>{"version"}) return print_version(call);
  if (begins(words, "snapshot", "status", 3)) return snapshot_status(call, words);
  if (begins(words, "snapshot", "restore", 3)) return restore(call, words.words[2]);
  call.unknown();
}

}  // namespace drover::sandbox
