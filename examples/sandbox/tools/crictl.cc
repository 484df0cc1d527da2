#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <regex>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "examples/sandbox/tools/tools.h"
#include "inventory/base/digest.h"

namespace drover::sandbox {
namespace {

struct Container {
  std::string id;
  std::string name;
  std::string image;
};

Container container(const std::string& name, const std::string& version, const std::string& image) {
  // Another version is another container, and so is one that was stopped and is started anew.
  const std::string which = host_name() + '/' + name + '/' + version + stops_of(name);
  return {sha256_hex(which).substr(0, 13), name, image};
}

/// What runs on this node of the cluster's own.
std::vector<Container> containers() {
  std::vector<Container> list;
  for (const std::string name : kComponents) {
    if (!exists("/etc/kubernetes/manifests/" + name + ".yaml")) continue;
    const std::string version = manifest_version(name);
    const std::string tag = name == "etcd" ? release_of(version).etcd : version;
    list.push_back(container(name, version, fmt::format("registry.k8s.io/{}:{}", name, tag)));
  }
  return list;
}

// crictl's complaints begin with the moment.
std::string says(const char* name, Replacements list = {}) {
  const auto seconds = static_cast<time_t>(now());
  tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  list.emplace_back("2026-11-27T21:14:17Z", text.data());
  return recorded(name, list);
}

struct Words {
  std::vector<std::string> words;
  std::string name = ".*";  ///< of ps
  std::string state = "Running";
  std::vector<std::string> labels;  ///< "KEY=VALUE"
  bool quiet = false;
  std::string since;  ///< of logs
  size_t tail = std::string::npos;
};

// Options of crictl itself, then the verb, then those of the verb; after `exec CONTAINER`
// everything is the program's.
Words read_words(const Call& call) {
  Words read;
  const std::vector<std::string>& args = call.args();
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& word = args[i];
    if (word == "-a" || word == "--timestamps") continue;  // all run, and logs always have them
    if (word.starts_with("--since=")) {
      read.since = word.substr(8);
      continue;
    }
    if (word.starts_with("--tail=")) {
      read.tail = std::strtoul(word.c_str() + 7, nullptr, 10);
      continue;
    }
    const bool takes = word == "--label" || word == "--timeout" || word == "-r" ||
                       word == "--runtime-endpoint" || word == "-i" || word == "--name" ||
                       word == "--state";
    if (!read.words.empty() && read.words[0] == "exec" && read.words.size() > 1) {
      read.words.push_back(word);
    } else if (takes && i + 1 < args.size()) {
      ++i;
      if (word == "--name") read.name = args[i];
      if (word == "--state") read.state = args[i];
      if (word == "--label") read.labels.push_back(args[i]);
    } else if (word == "-q" || word == "--quiet") {
      read.quiet = true;
    } else if (word.starts_with('-')) {
      call.unknown();
    } else {
      read.words.push_back(word);
    }
  }
  return read;
}

bool has_labels(const Container& one, const std::vector<std::string>& labels) {
  return std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
    return label == "io.kubernetes.pod.namespace=kube-system" ||
           label == "io.kubernetes.pod.name=" + one.name + '-' + host_name() ||
           label == "io.kubernetes.container.name=" + one.name;
  });
}

int list_containers(Call& call, const Words& words) {
  call.begin(Effect::Reads, says("crictl/no-runtime.err"));
  notice_manifests();
  const std::regex name(words.name);
  const std::string format = "{:<20}{:<44}{:<12}{}\n";
  if (!words.quiet) out(fmt::format(fmt::runtime(format), "CONTAINER", "IMAGE", "STATE", "NAME"));
  for (const Container& one : containers()) {
    if (words.state != "Running" || !std::regex_search(one.name, name)) continue;
    if (!has_labels(one, words.labels)) continue;
    out(words.quiet ? one.id + '\n'
                    : fmt::format(fmt::runtime(format), one.id, one.image, "Running", one.name));
  }
  return 0;
}

bool has_image(const std::string& image) {
  const std::vector<std::string> images = images_here();
  return std::find(images.begin(), images.end(), image) != images.end();
}

int inspect_image(Call& call, const std::string& image) {
  call.begin(Effect::Reads, says("crictl/no-runtime.err"));
  if (!has_image(image)) {
    err(says("crictl/no-image.err", {{"IMAGE", image}}));
    return 1;
  }
  out(fmt::format("{{\n  \"status\": {{\n    \"repoTags\": [\n      \"{}\"\n    ]\n  }}\n}}\n",
                  image));
  return 0;
}

int pull(Call& call, const std::string& image) {
  call.begin(Effect::Changes,
             says("crictl/pull-failed.err", {{"registry.k8s.io/pause:3.10.1", image}}));
  lasts(kPullImage);
  call.half_way();
  append_line(in_state("images"), image);
  out(fmt::format("Image is up to date for sha256:{}\n", sha256_hex(image)));
  return 0;
}

int list_images(Call& call, const Words& words) {
  call.begin(Effect::Reads, says("crictl/no-runtime.err"));
  const std::string format = "{:<52}{:<20}{}\n";
  if (!words.quiet) out(fmt::format(fmt::runtime(format), "IMAGE", "TAG", "IMAGE ID"));
  for (const std::string& image : images_here()) {
    const size_t colon = image.rfind(':');
    const std::string id = sha256_hex(image);
    out(words.quiet ? "sha256:" + id + '\n'
                    : fmt::format(fmt::runtime(format), image.substr(0, colon),
                                  image.substr(colon + 1), id.substr(0, 13)));
  }
  return 0;
}

/// A line that a container wrote.
struct Written {
  double time = 0;
  std::string text;
};

/// Lines "SECONDS TEXT" that somebody put into `logs/NAME` of the state; without any, what each
/// start says.
std::vector<Written> written_by(const std::string& name) {
  std::vector<Written> lines;
  for (const std::string& line : read_lines(in_state("logs/" + name))) {
    lines.push_back({std::strtod(line.c_str(), nullptr), line.substr(line.find(' ') + 1)});
  }
  if (lines.empty()) lines.push_back({1795381301.5, "Starting " + name});
  return lines;
}

std::string rfc3339(double time) {
  const auto seconds = static_cast<time_t>(time);
  tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:09}Z", text.data(),
                     static_cast<long>((time - static_cast<double>(seconds)) * 1e6) * 1000);
}

/// "60s" ago, or RFC 3339 in UTC, which can be compared as text.
std::string since_text(const std::string& since) {
  if (since.empty() || since.back() != 's') return since;
  return rfc3339(now() - std::strtod(since.c_str(), nullptr));
}

int show_log(Call& call, const Words& words) {
  call.begin(Effect::Reads, says("crictl/no-runtime.err"));
  const std::vector<Container> all = containers();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Container& one) { return one.id == words.words[1]; });
  if (found == all.end()) {
    err(says("crictl/no-container.err", {{"CONTAINER", words.words[1]}}));
    return 1;
  }
  std::vector<std::string> lines;
  const std::string since = since_text(words.since);
  for (const Written& line : written_by(found->name)) {
    const std::string time = rfc3339(line.time);
    // Whole seconds have no fraction, which a text comparison would put behind one.
    if (time.substr(0, 19) >= since.substr(0, 19)) lines.push_back(time + ' ' + line.text + '\n');
  }
  const size_t skip = lines.size() - std::min(words.tail, lines.size());
  for (size_t i = skip; i < lines.size(); ++i) out(lines[i]);
  return 0;
}

// The kubelet starts it again at once.
int stop(Call& call, const std::string& id) {
  call.begin(Effect::Changes, says("crictl/no-runtime.err"));
  const std::vector<Container> all = containers();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Container& one) { return one.id == id; });
  if (found == all.end()) {
    err(says("crictl/no-container.err", {{"CONTAINER", id}}));
    return 1;
  }
  call.half_way();
  container_stopped(found->name);
  lasts(found->name == "etcd"             ? kStopEtcd
        : found->name == "kube-apiserver" ? kStopApiServer
                                          : kStopContainer);
  out(id + '\n');
  return 0;
}

// The programs of etcd's image, in its container. They meet their own fault rules.
int exec_in(Call& call, const Words& words) {
  const std::vector<Container> all = containers();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Container& one) {
    return one.name == "etcd" && one.id == words.words[1];
  });
  if (found == all.end()) {
    call.begin(Effect::Reads, "");
    err(says("crictl/no-container.err", {{"CONTAINER", words.words[1]}}));
    return 1;
  }
  const std::string& program = words.words[2];
  if (program != "etcdctl" && program != "etcdutl") call.unknown();
  Call inner(program, {words.words.begin() + 3, words.words.end()});
  return carry_out(inner);
}

}  // namespace

/// crictl [-r SOCKET] ps|inspecti|pull|images|stop|exec|logs
int crictl(Call& call) {
  const Words words = read_words(call);
  const std::string verb = words.words.empty() ? "" : words.words[0];
  const size_t count = words.words.size();
  if (verb == "ps" && count == 1) return list_containers(call, words);
  if (verb == "inspecti" && count == 2) return inspect_image(call, words.words[1]);
  if (verb == "pull" && count == 2) return pull(call, words.words[1]);
  if (verb == "images" && count == 1) return list_images(call, words);
  if (verb == "stop" && count == 2) return stop(call, words.words[1]);
  if (verb == "logs" && count == 2) return show_log(call, words);
  if (verb == "exec" && count > 2) return exec_in(call, words);
  call.unknown();
}

}  // namespace drover::sandbox
