#include "plans/etcd/given.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/packages/script.h"

namespace drover::plans {
namespace {

// A line "given NAME SHA-256", one "placed NAME SHA-256", one "kept NAME" for each that is so.
constexpr std::string_view kLookAtGiven = R"sh(sum_of() {
  sum=$(sha256sum <"$1")
  printf '%s %s %s\n' "$2" "$name" "${sum%% *}"
}
for name in $names; do
  if [ -e "$given$name.yaml" ]; then sum_of "$given$name.yaml" given; fi
  if [ -e "$manifests/$name.yaml" ]; then sum_of "$manifests/$name.yaml" placed; fi
  if [ -e "$stopped/$name.yaml" ] || [ -e "$kept/$name.yaml" ]; then printf 'kept %s\n' "$name"; fi
done
)sh";

// The copy stays until all is done: what is in place came whole, by one renaming.
constexpr std::string_view kPlace = R"sh(umask 077
place() {
  if [ -e "$manifests/$1.yaml" ]; then return; fi
  is=$(sha256sum <"$given$1.yaml")
  if [ "${is%% *}" != "$2" ]; then
    echo "E: $given$1.yaml is not the manifest that was sent" >&2
    exit 1
  fi
  cp "$given$1.yaml" "$given$1.placed"
  sync "$given$1.placed"
  mv "$given$1.placed" "$manifests/$1.yaml"
}
)sh";

StaticPodSeen& of(std::vector<StaticPodSeen>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const StaticPodSeen& pod) { return pod.name == name; });
  if (found != all.end()) return *found;
  all.push_back({.name = name});
  return all.back();
}

}  // namespace

void describe_given(Step& step, const Restore& restore, const RestoreMember& member,
                    const std::vector<std::string>& names) {
  if (member.given.empty()) return;
  std::string text;
  for (const std::string& name : names) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, member.given.at(name));
  }
  step.params["given"] = text;
  step.params["given_prefix"] = restore.given_prefix();
  step.params["kept_manifests"] = restore.kept_manifests();
}

std::map<std::string, std::string> given_in(const Step& step) {
  std::map<std::string, std::string> sums;
  for (const std::string& word : split_words(step.param("given"))) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) sums[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return sums;
}

std::string given_shell(const Step& step) {
  return fmt::format("given={}\nkept={}\n", quote(step.param("given_prefix")),
                     quote(step.param("kept_manifests"))) +
         std::string(kLookAtGiven);
}

bool says_given(const std::string& word) {
  return word == "given" || word == "placed" || word == "kept";
}

Command look_at_given(const Step& step) {
  return {.script = script_head() +
                    fmt::format("manifests={}\nstopped={}\nnames={}\n", kManifestFolder,
                                quote(step.param("stopped")), quote(step.param("components"))) +
                    given_shell(step),
          .timeout = std::chrono::seconds(30)};
}

std::vector<StaticPodSeen> read_given(const CommandResult& result) {
  std::vector<StaticPodSeen> all;
  for (const std::string& line : split_lines(result.out)) {
    const std::vector<std::string> words = split_words(line);
    if (words.size() == 3 && words[0] == "given") of(all, words[1]).given = words[2];
    if (words.size() == 3 && words[0] == "placed") of(all, words[1]).sum = words[2];
    if (words.size() == 2 && words[0] == "kept") of(all, words[1]).kept = true;
  }
  return all;
}

std::vector<std::string> to_be_sent(const Step& step, const CommandResult& result) {
  std::vector<StaticPodSeen> all = read_given(result);
  std::vector<std::string> names;
  for (const auto& [name, sum] : given_in(step)) {
    const StaticPodSeen& pod = of(all, name);
    const bool in_place = pod.kept && pod.sum == sum;
    if (pod.given != sum && !in_place) names.push_back(name);
  }
  return names;
}

std::string place_given(const RestoreMember& member, const std::vector<std::string>& names) {
  std::string text(kPlace);
  for (const std::string& name : names) {
    text += fmt::format("place {} {}\n", name, member.given.at(name));
  }
  return text;
}

}  // namespace drover::plans
