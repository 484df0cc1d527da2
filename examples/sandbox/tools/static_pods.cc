#include "examples/sandbox/tools/static_pods.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/releases.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr const char* kManifests = "/etc/kubernetes/manifests/";

/// A line "VERSION EPOCH", or "COMPONENT VERSION EPOCH".
struct Began {
  std::string component;
  std::string version;
  double epoch = 0;
};

std::vector<Began> began(const char* file) {
  std::vector<Began> list;
  for (const std::string& line : read_lines(in_state(file))) {
    const std::vector<std::string> words = split_words(line);
    if (words.size() < 2 || words.size() > 3) continue;
    const size_t at = words.size() - 2;
    list.push_back(
        {at == 1 ? words[0] : "", words[at], std::strtod(words[at + 1].c_str(), nullptr)});
  }
  return list;
}

std::string manifest_of(const std::string& component) { return kManifests + component + ".yaml"; }

std::string image_of(const std::string& component, const std::string& version) {
  const std::string tag = component == "etcd" ? release_of(version).etcd : version;
  return "registry.k8s.io/" + component + ':' + tag;
}

std::string minimal_manifest(const std::string& component) {
  return "spec:\n  containers:\n  - command:\n    - " + component + '\n';
}

// The manifest with another image: everything else is the operator's.
std::string with_image(const std::string& manifest, const std::string& image) {
  const std::string line = "    image: " + image;
  std::string text;
  bool found = false;
  for (const std::string& old : split_lines(manifest)) {
    const bool names_image = trim(old).starts_with("image:");
    found = found || names_image;
    text += (names_image ? line : old) + '\n';
  }
  return found ? text : text + line + '\n';
}

/// The version of Kubernetes that a manifest is of, among those that this control plane has had.
std::string version_in(const std::string& manifest, const std::string& component) {
  for (const std::string& line : split_lines(manifest)) {
    if (!trim(line).starts_with("image:")) continue;
    for (const std::string& version : versions_had()) {
      if (line.ends_with(image_of(component, version))) return version;
    }
  }
  return "";
}

/// What ran last.
std::string started_version(const std::string& component) {
  std::string version = began("control-plane").front().version;
  for (const Began& swap : began("static-pods")) {
    if (swap.component == component) version = swap.version;
  }
  return version;
}

double away_after_swap(const std::string& component) {
  if (component == "etcd") return kApiAwayAfterEtcd;
  return component == "kube-apiserver" ? kApiAwayAfterApiServer : 0;
}

std::string last_version(const std::vector<Began>& list) {
  return list.empty() ? "" : list.back().version;
}

Peer read_peer(const std::vector<std::string>& words) {
  Peer peer;
  peer.name = words[0];
  peer.control_plane = words[1] == "control-plane";
  peer.kubelet = words[2];
  if (words.size() > 3) peer.version = words[3];
  return peer;
}

Peer this_node() {
  Peer peer;
  peer.name = host_name();
  peer.control_plane = !cluster_version().empty();  // also while its manifests are away
  peer.kubelet = last_version(began("kubelet"));
  if (peer.control_plane) peer.version = manifest_version("kube-apiserver");
  return peer;
}

}  // namespace

bool is_control_plane() { return exists(manifest_of("kube-apiserver")); }

std::string cluster_version() { return last_version(began("control-plane")); }

std::string manifest_version(const std::string& component) {
  std::string version = cluster_version();
  double newest = 0;
  for (const Began& whole : began("control-plane")) newest = std::max(newest, whole.epoch);
  for (const Began& swap : began("static-pods")) {
    if (swap.component != component || swap.epoch < newest) continue;
    newest = swap.epoch;
    version = swap.version;
  }
  return version;
}

std::vector<std::string> versions_had() {
  std::vector<std::string> versions;
  for (const char* file : {"control-plane", "static-pods"}) {
    for (const Began& had : began(file)) versions.push_back(had.version);
  }
  return versions;
}

std::vector<std::string> images_here() {
  std::vector<std::string> images = read_lines(in_state("images"));
  for (const std::string& version : versions_had()) {
    for (const std::string& image : images_of(version, "registry.k8s.io")) {
      if (std::find(images.begin(), images.end(), image) == images.end()) images.push_back(image);
    }
  }
  return images;
}

void notice_manifests() {
  for (const char* name : {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}) {
    const std::string component = name;
    const std::string mark = in_state("without-" + component);
    if (cluster_version().empty()) return;
    if (!exists(manifest_of(component))) {
      write_file(mark, "");
      continue;
    }
    if (!exists(mark)) continue;
    std::filesystem::remove(mark);
    const std::string version =
        version_in(read_file(manifest_of(component)).value_or(""), component);
    if (version.empty() || version == started_version(component)) continue;
    append_line(in_state("static-pods"), component + ' ' + version + ' ' + epoch_text());
  }
}

void swap_manifest(const std::string& component, const std::string& version,
                   const std::string& fresh, const std::string& backup) {
  const std::string place = manifest_of(component);
  const std::string old = read_file(place).value_or(minimal_manifest(component));
  const std::string made = fresh + '/' + component + ".yaml";
  write_file(made, with_image(old, image_of(component, version)));
  write_file(backup + '/' + component + ".yaml", old);
  std::filesystem::rename(made, place);
  append_line(in_state("static-pods"), component + ' ' + version + ' ' + epoch_text());
}

void container_stopped(const std::string& component) {
  append_line(in_state("stopped"),
              component + ' ' + manifest_version(component) + ' ' + epoch_text());
}

std::string stops_of(const std::string& component) {
  std::string text;
  for (const std::string& line : read_lines(in_state("stopped"))) {
    if (line.starts_with(component + ' ')) text += '/' + line;
  }
  return text;
}

void upgrade_ended(const std::string& version) {
  append_line(in_state("control-plane"), version + ' ' + epoch_text());
}

double unsettled_until() {
  double until = 0;
  for (const Began& swap : began("static-pods")) {
    until =
        std::max(until, swap.epoch + scaled(away_after_swap(swap.component) + kSettlesAfterApi));
  }
  const std::vector<Began> kubelets = began("kubelet");
  for (size_t i = 1; i < kubelets.size(); ++i) {
    if (minor_of(kubelets[i].version) == minor_of(kubelets[i - 1].version)) continue;
    until = std::max(until, kubelets[i].epoch + scaled(kApiAwayAfterKubelet + kSettlesAfterApi));
  }
  return until;
}

std::vector<Peer> cluster_nodes() {
  std::vector<Peer> peers{this_node()};
  for (const std::string& line : read_lines(in_state("cluster"))) {
    const std::vector<std::string> words = split_words(line);
    if (words.size() < 3 || words[0] == peers.front().name) continue;
    peers.push_back(read_peer(words));
  }
  std::stable_sort(peers.begin(), peers.end(), [](const Peer& a, const Peer& b) {
    return a.control_plane != b.control_plane ? a.control_plane : a.name < b.name;
  });
  return peers;
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace drover::sandbox
