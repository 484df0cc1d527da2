#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inventory/base/result.h"
#include "remote/secret.h"

namespace drover::remote {

/// Who the API server is, and who we are to it. Lives in memory only (S13).
struct ApiCredentials {
  std::string ca_pem;           ///< certificate authority of the cluster, the only one believed
  std::string certificate_pem;  ///< client certificate; "": a bearer token goes with each request
  Secret key_pem;               ///< its private key
  std::string server;           ///< `server:` as written, for messages
};

/// A program that prints credentials (client.authentication.k8s.io).
struct ExecPlugin {
  std::string command;
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  ///< besides Drover's own
  std::string api_version;
  std::string install_hint;  ///< what the file says to somebody who lacks the program
  bool provide_cluster_info = false;
};

/// One context of a kubeconfig: where its API server is, and how to prove who we are. At most one
/// of certificate, token, token file and plug-in; a certificate may stand beside a token.
struct KubeContext {
  std::string name;    ///< of the context
  std::string server;  ///< https://...
  std::string ca_pem;
  std::string tls_server_name;  ///< "": the host in `server`
  std::string certificate_pem;  ///< "": none
  Secret key_pem;
  Secret token;                    ///< empty: none
  std::string token_file;          ///< "": none; absolute
  std::optional<ExecPlugin> exec;  ///< its command, where it has a slash, is absolute
};

/// Where a kubeconfig comes from.
struct KubeConfigSource {
  std::string file;    ///< its name in messages
  std::string remedy;  ///< what to do about one that cannot be used
  std::string folder;  ///< what relative paths in it start from; "": everything must be embedded
};

/// Reads the context called `context`, "" for the current one, and the files that it names. What
/// Drover cannot do for it is an error (File) that says so. The caller wipes `yaml`; what the YAML
/// library copied meanwhile is freed, not overwritten. No value of a secret enters a message.
Result<std::shared_ptr<const KubeContext>> parse_kubeconfig(std::string_view yaml,
                                                            const KubeConfigSource& source,
                                                            const std::string& context);

/// The same from a file. `remedy` as above.
Result<std::shared_ptr<const KubeContext>> read_kubeconfig(const std::string& path,
                                                           const std::string& context,
                                                           const std::string& remedy);

/// PEM with its first and its last line: a file read in part does not pass for a key.
bool whole_pem(std::string_view text);

/// The whole of a small file; its errors (File) name it and the system's reason.
Result<std::string> read_small_file(const std::string& path);

}  // namespace drover::remote
