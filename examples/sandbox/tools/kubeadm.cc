#include <fmt/format.h>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/kubeadm_commands.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {
namespace {

int print_version(Call& call, const KubeadmWords& words, const std::string& version) {
  call.begin(Effect::Reads, "");
  const std::string form = words.option("--output");
  const std::string fields =
      fmt::format(R"(Major:"1", Minor:"{}", GitVersion:"{}", GitTreeState:"clean", )"
                  R"(Compiler:"gc", Platform:"linux/{}")",
                  minor_number(version), version, architecture());
  if (form == "short") {
    out(version + '\n');
  } else if (form.empty()) {
    out(fmt::format("kubeadm version: &version.Info{{{}}}\n", fields));
  } else if (form == "json") {
    out(
        fmt::format("{{\n  \"clientVersion\": {{\n    \"major\": \"1\",\n    \"minor\": \"{}\",\n"
                    "    \"gitVersion\": \"{}\",\n    \"platform\": \"linux/{}\"\n  }}\n}}\n",
                    minor_number(version), version, architecture()));
  } else {
    call.unknown();
  }
  return 0;
}

void pull(const std::string& image) {
  lasts(kPullImage);
  append_line(in_state("images"), image);
  out(fmt::format("[config/images] Pulled {}\n", image));
}

int images(Call& call, const KubeadmWords& words, const std::string& version) {
  const std::string verb = words.words[2];
  if (words.words.size() != 3 || (verb != "list" && verb != "pull")) call.unknown();
  const bool pulls = verb == "pull";
  call.begin(pulls ? Effect::Changes : Effect::Reads,
             "failed to pull image \"registry.k8s.io/kube-apiserver\": failed to pull image: dial "
             "tcp: lookup "
             "registry.k8s.io: no such host\nTo see the stack trace of this error execute with "
             "--v=5 or higher\n");
  if (pulls) call.half_way();
  for (const std::string& image :
       images_of(words.option("--kubernetes-version", version),
                 words.option("--image-repository", "registry.k8s.io"))) {
    if (pulls) {
      pull(image);
    } else {
      out(image + '\n');
    }
  }
  return 0;
}

}  // namespace

/// kubeadm version, config images list|pull, upgrade plan|apply|node,
/// certs check-expiration|renew all
int kubeadm(Call& call) {
  const KubeadmWords words = read_kubeadm_words(call);
  const std::string version = call.version().empty() ? version_of("kubeadm") : call.version();
  if (words.begins({"version"}) && words.words.size() == 1)
    return print_version(call, words, version);
  if (words.begins({"config", "images"}) && words.words.size() > 2)
    return images(call, words, version);
  if (words.begins({"upgrade", "plan"})) return upgrade_plan(call, words, version);
  if (words.begins({"upgrade", "apply"})) return upgrade_apply(call, words, version);
  if (words.begins({"upgrade", "node"})) return upgrade_node(call, words, version);
  if (words.begins({"certs", "check-expiration"})) return check_expiration(call, words);
  if (words.begins({"certs", "renew", "all"})) return renew_certificates(call, words);
  call.unknown();
}

}  // namespace drover::sandbox
