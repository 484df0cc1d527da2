#include <algorithm>

#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/static_pods.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {
namespace {

using Words = std::vector<std::string>;

bool is_etcd_image(const std::string& image) {
  const std::vector<std::string> images = images_here();
  return image.find("/etcd:") != std::string::npos &&
         std::find(images.begin(), images.end(), image) != images.end();
}

int list_images(Call& call, const Words& words) {
  call.begin(Effect::Reads, "");
  if (words.size() != 4 || words[2] != "-q" || !words[3].starts_with("name==")) call.unknown();
  const std::string image = words[3].substr(6);
  if (is_etcd_image(image)) out(image + '\n');
  return 0;
}

/// run --rm --mount M --mount M IMAGE NAME PROGRAM...: the programs of etcd's image meet their own
/// fault rules.
int run(Call& call, const Words& words) {
  size_t at = 1;
  while (at < words.size() && words[at].starts_with("--")) at += words[at] == "--mount" ? 2 : 1;
  if (at + 2 >= words.size() || !is_etcd_image(words[at])) call.unknown();
  const std::string& program = words[at + 2];
  if (program != "etcdctl" && program != "etcdutl") {
    err(recorded("ctr/no-program.err", {{"nothing", program}}));
    return 1;
  }
  Call inner(program, {words.begin() + static_cast<std::ptrdiff_t>(at) + 3, words.end()});
  return carry_out(inner);
}

}  // namespace

/// ctr [-a SOCKET] -n k8s.io images ls -q name==IMAGE | run ... | tasks|containers delete NAME:
/// there is never one left.
int ctr(Call& call) {
  Words words = call.args();
  for (const char* option : {"-a", "-n"}) {
    const auto at = std::find(words.begin(), words.end(), option);
    if (at == words.begin() && words.size() > 2) words.erase(at, at + 2);
  }
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "images" && words.size() > 1 && words[1] == "ls") return list_images(call, words);
  if (verb == "run") return run(call, words);
  const bool deletes = (verb == "tasks" || verb == "containers") && words.size() > 2;
  if (!deletes || words[1] != "delete") call.unknown();
  call.begin(Effect::Reads, "");
  const bool task = verb == "tasks";
  err(recorded(task ? "ctr/no-task.err" : "ctr/no-container.err", {{"NAME", words.back()}}));
  return 1;
}

}  // namespace drover::sandbox
