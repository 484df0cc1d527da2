#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "examples/sandbox/tools/durations.h"
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
constexpr size_t kPage = 512;  // what precedes the hash of a snapshot is a multiple of it
constexpr size_t kHash = 32;

struct Words {
  std::vector<std::string> words;
  std::string form = "simple";  ///< -w
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

std::string raw_sha256(const std::string& data) {
  const std::string hex = sha256_hex(data);
  std::string raw;
  for (size_t i = 0; i < hex.size(); i += 2) {
    raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return raw;
}

int save(Call& call, const std::string& file) {
  call.begin(Effect::Changes, recorded("etcd/save-failed.err"));
  std::string data = read_file(kDatabase).value_or("");
  data.resize((data.size() + kPage - 1) / kPage * kPage);
  data += raw_sha256(data);
  const std::string part = file + ".part";
  write_file(part, data.substr(0, data.size() / 2));
  lasts(kSaveSnapshot);
  call.half_way();
  write_file(part, data);
  std::filesystem::rename(part, file);
  out(fmt::format("Snapshot saved at {}\n", file));
  if (is_at_least_3_6()) out(fmt::format("Server version {}.0\n", etcd_version().substr(0, 3)));
  return 0;
}

// The make-believe database has no keys: its hash stands for what changes from one to the next.
Json status_of(const std::string& snapshot) {
  const unsigned hash = crc32(snapshot);
  Json status = {{"hash", hash},
                 {"revision", 1000 + hash % 1000},
                 {"totalKey", 1270},
                 {"totalSize", snapshot.size() - kHash}};
  if (is_at_least_3_6()) status["version"] = "3.6.0";
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

int member_list(Call& call, const Words& words) {
  call.begin(Effect::Reads, recorded("etcd/save-failed.err"));
  Json list = {{"header", {{"cluster_id", 0}}}, {"members", Json::array()}};
  for (const Member& member : members()) {
    if (words.form == "json") {
      list["members"].push_back({{"ID", std::stoull(member.id, nullptr, 16)},
                                 {"name", member.name},
                                 {"peerURLs", {"https://127.0.0.1:2380"}},
                                 {"clientURLs", {first_url()}}});
    } else {
      out(fmt::format("{}, started, {}, https://127.0.0.1:2380, {}, false\n", member.id,
                      member.name, first_url()));
    }
  }
  if (words.form == "json") out(list.dump() + '\n');
  return 0;
}

int endpoint_health(Call& call, const Words& words) {
  call.begin(Effect::Reads, recorded("etcd/save-failed.err"));
  if (words.form == "json") {
    out(Json::array({{{"endpoint", first_url()}, {"health", true}, {"took", "2.913518ms"}}})
            .dump() +
        '\n');
  } else {
    err(fmt::format("{} is healthy: successfully committed proposal: took = 2.913518ms\n",
                    first_url()));
  }
  return 0;
}

int endpoint_status(Call& call, const Words& words) {
  call.begin(Effect::Reads, recorded("etcd/save-failed.err"));
  const size_t size = read_file(kDatabase).value_or("").size();
  const std::string id = sha256_hex(host_name()).substr(0, 16);
  if (words.form == "json") {
    out(Json::array({{{"Endpoint", first_url()},
                      {"Status",
                       {{"header", {{"member_id", std::stoull(id, nullptr, 16)}}},
                        {"version", etcd_version()},
                        {"dbSize", size},
                        {"leader", std::stoull(id, nullptr, 16)}}}}})
            .dump() +
        '\n');
  } else {
    out(fmt::format("{}, {}, {}, {} B, true, false, 2, 1187, 1187, \n", first_url(), id,
                    etcd_version(), size));
  }
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

/// etcdctl snapshot save|status, endpoint health|status, member list, version; the status of a
/// snapshot up to 3.5
int etcdctl(Call& call) {
  const Words words = read_words(call);
  if (words.words == std::vector<std::string>{"version"}) return print_version(call);
  if (begins(words, "snapshot", "save", 3)) return save(call, words.words[2]);
  if (begins(words, "snapshot", "status", 3) && !is_at_least_3_6())
    return snapshot_status(call, words);
  if (begins(words, "endpoint", "health", 2)) return endpoint_health(call, words);
  if (begins(words, "endpoint", "status", 2)) return endpoint_status(call, words);
  if (begins(words, "member", "list", 2)) return member_list(call, words);
  call.unknown();
}

/// etcdutl snapshot status, version
int etcdutl(Call& call) {
  const Words words = read_words(call);
  if (words.words == std::vector<std::string>{"version"}) return print_version(call);
  if (begins(words, "snapshot", "status", 3)) return snapshot_status(call, words);
  call.unknown();
}

}  // namespace drover::sandbox
