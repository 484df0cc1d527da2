#pragma once

#include <libssh/libssh.h>

#include <memory>

namespace drover::remote {

struct FreeKey {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};

/// Owns a key or a certificate of libssh's.
using KeyHandle = std::unique_ptr<ssh_key_struct, FreeKey>;

}  // namespace drover::remote
