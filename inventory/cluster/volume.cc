#include "inventory/cluster/volume.h"

#include "inventory/cluster/json.h"

namespace drover {

Result<std::vector<VolumeAttachment>> parse_volume_attachment_list(std::string_view json) {
  return parse_list(json, "VolumeAttachment", [](const JsonField& object) {
    const JsonField spec = object["spec"];
    return VolumeAttachment{object["metadata"]["name"].text(), spec["nodeName"].text(),
                            spec["source"]["persistentVolumeName"].text()};
  });
}

Result<PersistentVolume> parse_persistent_volume(std::string_view json) {
  return parse_object(json, "PersistentVolume", [](const JsonField& object) {
    const JsonField claim = object["spec"]["claimRef"];
    PersistentVolume volume{object["metadata"]["name"].text(), ""};
    if (claim.present()) volume.claim = claim["namespace"].text() + "/" + claim["name"].text();
    return volume;
  });
}

}  // namespace drover
