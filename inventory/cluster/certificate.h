#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// A certificate that kubeadm looks after, as `kubeadm certs check-expiration -o json` tells of it.
struct Certificate {
  std::string name;       ///< "apiserver", "admin.conf", "etcd-ca"
  std::string authority;  ///< whose signature it bears; "": it is an authority itself
  std::string expires;    ///< RFC 3339
  std::int64_t left = 0;  ///< seconds by that machine's clock; not above zero: it has expired
  bool external = false;  ///< somebody else renews it
  bool missing = false;
};

/// Its authorities last. Text in front of the JSON is passed over.
Result<std::vector<Certificate>> parse_certificates(std::string_view output);

}  // namespace drover
