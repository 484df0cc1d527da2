#pragma once

#include <memory>
#include <string>

#include "remote/kube/kubeconfig.h"
#include "tests/support/temp_dir.h"

#include "tests/support/read_file.h"

namespace drover::test {

/// A certificate and its key as PEM files.
struct KeyPair {
  std::string certificate_file;
  std::string key_file;
};

/// A certificate authority like a cluster's, made when the object is made, by the `openssl`
/// command.
class Pki {
 public:
  /// `name`: of the authority, in its certificate.
  explicit Pki(const std::string& name);

  /// The one that tests share, called "kubernetes" like any cluster's.
  static const Pki& cluster();
  /// Another one, called "stranger".
  static const Pki& stranger();

  const std::string& ca_file() const { return ca_.certificate_file; }
  const KeyPair& server() const { return server_; }              ///< for DNS name kubernetes
  const KeyPair& local_server() const { return local_server_; }  ///< for localhost
  const KeyPair& expired_server() const { return expired_server_; }
  const KeyPair& misnamed_server() const { return misnamed_server_; }
  const KeyPair& client() const { return client_; }
  const KeyPair& expired_client() const { return expired_client_; }

  /// This authority with its valid client, or with the client given.
  std::shared_ptr<const remote::ApiCredentials> credentials() const { return credentials(client_); }
  std::shared_ptr<const remote::ApiCredentials> credentials(const KeyPair& client) const;

  /// kubeadm's admin.conf with this authority and its valid client.
  std::string admin_conf() const;

 private:
  KeyPair issue(const std::string& name, const std::string& subject, const std::string& extensions,
                int days);
  void openssl(const std::string& arguments) const;

  TempDir dir_;
  KeyPair ca_;
  KeyPair server_;
  KeyPair local_server_;
  KeyPair expired_server_;
  KeyPair misnamed_server_;
  KeyPair client_;
  KeyPair expired_client_;
};

}  // namespace drover::test
