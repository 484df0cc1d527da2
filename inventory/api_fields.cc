#include "inventory/api_fields.h"

#include <fmt/format.h>

#include <filesystem>

namespace drover {
namespace {

void read_via(const YamlField& field, ApiSettings& api) {
  const auto text = field.text();
  if (!text) return;
  if (*text == "kubeconfig") {
    api.via = ApiVia::Kubeconfig;
  } else if (*text != "ssh") {
    field.refuse(fmt::format("{} is not a way to the API", shown(*text)),
                 "allowed: ssh, kubeconfig");
  }
}

std::string path_of(const std::string& text, const Folders& folders) {
  if (text.rfind("~/", 0) == 0) return folders.home + text.substr(1);
  return (std::filesystem::path(folders.own) / text).lexically_normal().string();
}

void read_kubeconfig(const YamlField& field, const Folders& folders, ApiSettings& api) {
  api.kubeconfig = folders.home + "/.kube/config";
  const auto text = field.text();
  if (!text) return;
  api.kubeconfig = path_of(*text, folders);
  const bool others_home = text->rfind('~', 0) == 0 && (text->size() < 3 || (*text)[1] != '/');
  if (!text->empty() && one_line(*text) && !others_home) return;
  field.refuse(fmt::format("{} is not a path to use here", shown(*text)),
               "write one file's path, relative to this file's folder, or beginning with / or ~/");
}

void read_context(const YamlField& field, ApiSettings& api) {
  const auto text = field.text();
  if (!text) return;
  api.context = *text;
  if (!text->empty() && one_line(*text)) return;
  field.refuse("not the name of a context", "write it as `kubectl config get-contexts` shows it");
}

}  // namespace

void read_api(const YamlField& field, const Folders& folders, ApiSettings& api) {
  field.check_keys("api");
  read_via(field["via"], api);
  read_kubeconfig(field["kubeconfig"], folders, api);
  read_context(field["context"], api);
  if (api.via == ApiVia::Kubeconfig) return;
  for (const char* key : {"kubeconfig", "context"}) {
    if (field[key].written())
      field[key].refuse("has no effect with via: ssh",
                        "write `via: kubeconfig` beside it, or leave it out");
  }
}

}  // namespace drover
