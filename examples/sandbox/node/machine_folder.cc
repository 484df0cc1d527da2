#include "examples/sandbox/node/machine_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>

#include "examples/sandbox/node/child.h"
#include "examples/sandbox/node/farm.h"
#include "examples/sandbox/node/text_file.h"
#include "examples/sandbox/tools/etcd_database.h"
#include "examples/sandbox/world/images.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

namespace fs = std::filesystem;

/// As kubeadm writes it, without what nothing here looks at. `flags`: lines of the command.
std::string static_pod(const std::string& name, const std::string& tag, const std::string& flags) {
  return fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    component: {0}\n    tier: "
      "control-plane\n  name: {0}\n  namespace: kube-system\nspec:\n  containers:\n  - command:\n"
      "    - {0}\n{2}    image: registry.k8s.io/{0}:{1}\n    name: {0}\n  hostNetwork: true\n",
      name, tag, flags);
}

constexpr const char* kFolders[] = {"etc/ssh",
                                    "etc/apt/sources.list.d",
                                    "etc/kubernetes/manifests",
                                    "var/cache/apt/archives",
                                    "var/lib/dpkg/updates",
                                    "var/log",
                                    "var/lib/sandbox/packages",
                                    "var/lib/sandbox/holds",
                                    "var/lib/sandbox/offers",
                                    "var/lib/sandbox/lists",
                                    "root",
                                    "home/ops",
                                    "run",
                                    "tmp"};

constexpr std::string_view kSshd = R"(HostKey /etc/ssh/host_key
AuthorizedKeysFile /etc/ssh/authorized_keys
PidFile none
UsePAM no
StrictModes no
UseDNS no
PermitRootLogin yes
PasswordAuthentication no
SetEnv PATH=/usr/bin:/usr/sbin:/bin:/sbin
)";

// An ordinary user's sshd logs in nobody but that user; a namespace of its own makes uid 0 of it.
constexpr std::string_view kBecomeRoot = R"(Match User root
ForceCommand exec unshare -r -- bash -c "$SSH_ORIGINAL_COMMAND"
)";

void private_to_owner(const fs::path& folder) {
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::replace);
}

// As root every name is uid 0, because setuid programs do not work in a node. As an ordinary user
// every name is that user, and the second line of root names the uid 0 of its namespaces.
std::string passwd() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  std::string text = fmt::format(
      "root:*:{0}:{1}:root:/root:/bin/bash\nops:*:{0}:{1}:ops:/home/ops:/bin/bash\n"
      "sshd:*:{2}:65534::/run/sshd:/usr/sbin/nologin\nnobody:*:65534:65534::/:/usr/sbin/nologin\n",
      uid, gid, uid == 0 ? 100 : uid);
  if (uid != 0) text += "root:*:0:0:root:/root:/bin/bash\n";
  return text;
}

std::string group() {
  const gid_t gid = ::getegid();
  return fmt::format("root:*:{}:\n{}nogroup:*:65534:\n", gid, gid == 0 ? "" : "root:*:0:\n");
}

std::string minor_of(std::string_view version) {
  return fmt::format("v{}", version.substr(0, version.rfind('.')));
}

/// The packages of one minor's repository and their revisions.
std::string offers(std::string_view version) {
  std::string text;
  for (const char* name : {"kubeadm", "kubelet", "kubectl"}) {
    text += fmt::format("{} {}-1.1\n", name, version);
  }
  return text + fmt::format("cri-tools {}.0-1.1\n", minor_of(version).substr(1));
}

void install_packages(const NodeSpec& spec, const fs::path& state) {
  for (const char* release : kReleases) {
    write_text(state / "offers" / minor_of(release), offers(release));
  }
  write_text(state / "lists/minor", minor_of(kInstalled) + "\n");
  write_text(state / "packages/cri-tools",
             fmt::format("{}.0-1.1\n", minor_of(kInstalled).substr(1)));
  for (const std::string name : {"kubeadm", "kubelet", "kubectl"}) {
    if (name == "kubectl" && !spec.has_kubectl) continue;
    write_text(state / "packages" / name, fmt::format("{}-1.1\n", kInstalled));
    write_text(state / "holds" / name, "");
  }
}

void write_state(const NodeSpec& spec) {
  const fs::path state = spec.folder / kStateFolder;
  install_packages(spec, state);
  for (const char* empty : {"images", "starts", "faults", "faults.hits"}) {
    write_text(state / empty, "");
  }
  write_text(state / "kubelet", fmt::format("v{} 0\n", kInstalled));
  write_text(state / "speed", fmt::format("{}\n", spec.speed));
  if (spec.control_plane) write_text(state / "control-plane", fmt::format("v{} 0\n", kInstalled));
}

void write_etc(const NodeSpec& spec) {
  const fs::path etc = spec.folder / "etc";
  write_text(etc / "passwd", passwd());
  write_text(etc / "group", group());
  write_text(etc / "nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
  write_text(etc / "hosts", "127.0.0.1 localhost\n");
  write_text(etc / "hostname", spec.name + "\n");
  write_text(etc / "os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  write_text(etc / "apt/sources.list.d/kubernetes.list",
             fmt::format("deb [trusted=yes] file:/srv/apt/{}/ ./\n", minor_of(kInstalled)));
  fs::copy_file("/etc/ld.so.cache", etc / "ld.so.cache");
  fs::create_symlink(fs::path(kHostFolder) / "etc/alternatives", etc / "alternatives");
  write_text(etc / "ssh/authorized_keys", spec.authorized_key + "\n");
}

}  // namespace

void make_machine_folder(const NodeSpec& spec) {
  for (const char* folder : kFolders) fs::create_directories(spec.folder / folder);
  private_to_owner(spec.folder / "root");
  clear_volatile(spec.folder);
  write_etc(spec);
  write_state(spec);
  make_host_key(spec.folder);
  write_sshd_config(spec.folder, "");
}

void make_control_plane(const NodeSpec& spec, const std::string& admin_conf, int api_port) {
  const fs::path kubernetes = spec.folder / "etc/kubernetes";
  const std::string version = std::string("v") + kInstalled;
  write_text(kubernetes / "admin.conf", admin_conf);
  fs::permissions(kubernetes / "admin.conf", fs::perms::owner_read | fs::perms::owner_write,
                  fs::perm_options::replace);
  write_text(
      kubernetes / "manifests/kube-apiserver.yaml",
      static_pod(
          "kube-apiserver", version,
          fmt::format("    - --advertise-address=192.0.2.11\n    - --secure-port={}\n", api_port)));
  for (const std::string name : {"kube-controller-manager", "kube-scheduler"}) {
    write_text(kubernetes / ("manifests/" + name + ".yaml"), static_pod(name, version, ""));
  }
  write_text(kubernetes / "manifests/etcd.yaml",
             static_pod("etcd", etcd_tag(version),
                        fmt::format("    - --data-dir=/var/lib/etcd\n"
                                    "    - --initial-advertise-peer-urls=https://{0}.sandbox:2380\n"
                                    "    - --listen-client-urls=https://127.0.0.1:2379,"
                                    "https://192.0.2.11:2379\n"
                                    "    - --name={0}\n",
                                    spec.name)));
  fs::create_directories(spec.folder / "var/lib/etcd/member/snap");
  constexpr std::uint64_t kRevision = 1187;
  write_text(spec.folder / "var/lib/etcd/member/snap/db",
             etcd_database(kRevision, 1, {.version = version}));
}

void clear_volatile(const std::filesystem::path& folder) {
  for (const char* name : {"run", "tmp"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / name)) {
      fs::remove_all(entry.path());
    }
  }
  fs::permissions(folder / "tmp", fs::perms::all | fs::perms::sticky_bit,
                  fs::perm_options::replace);
  fs::create_directories(folder / "run/sshd");
  private_to_owner(folder / "run/sshd");
}

void make_host_key(const std::filesystem::path& folder) {
  const fs::path key = folder / "etc/ssh/host_key";
  const fs::path made = folder / "etc/ssh/host_key.new";
  fs::remove(made);
  run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "sandbox", "-f", made});
  fs::rename(made.string() + ".pub", key.string() + ".pub");
  fs::rename(made, key);
}

std::string host_key(const std::filesystem::path& folder) {
  const auto words = split_words(read_text(folder / "etc/ssh/host_key.pub"));
  return words.size() < 2 ? "" : words[0] + " " + words[1];
}

void write_sshd_config(const std::filesystem::path& folder, const std::string& first) {
  std::string text = first.empty() ? "" : first + "\n";
  text += kSshd;
  if (::geteuid() != 0) text += kBecomeRoot;
  write_text(folder / "etc/ssh/sshd_config", text);
}

}  // namespace drover::sandbox
