#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// storage.k8s.io/v1 VolumeAttachment: a volume that is attached to a node, or on its way there or
/// away. It is gone once the volume is detached.
struct VolumeAttachment {
  std::string name;
  std::string node;
  std::string volume;  ///< PersistentVolume; "" for a volume that a pod describes by itself
};

Result<std::vector<VolumeAttachment>> parse_volume_attachment_list(std::string_view json);

/// core/v1 PersistentVolume: which claim it serves, or last served.
struct PersistentVolume {
  std::string name;
  std::string claim;  ///< "namespace/name"; "": never bound
};

Result<PersistentVolume> parse_persistent_volume(std::string_view json);

}  // namespace drover
