#include "inventory/cluster/volume.h"

#include <catch2/catch.hpp>

namespace drover {

TEST_CASE("which volume is attached to which node") {
  const auto list = parse_volume_attachment_list(
      R"({"kind":"VolumeAttachmentList","items":[)"
      R"({"metadata":{"name":"csi-1"},"spec":{"nodeName":"w1","source":{"persistentVolumeName":"pv-1"}}},)"
      R"({"metadata":{"name":"csi-2"},"spec":{"nodeName":"w2","source":{"inlineVolumeSpec":{}}}}]})");
  REQUIRE(list);
  REQUIRE(list->size() == 2);
  CHECK((*list)[0].name == "csi-1");
  CHECK((*list)[0].node == "w1");
  CHECK((*list)[0].volume == "pv-1");
  CHECK((*list)[1].volume.empty());
  CHECK_FALSE(parse_volume_attachment_list(R"({"kind":"Status","code":403})"));
}

TEST_CASE("which claim a volume serves") {
  const auto bound =
      parse_persistent_volume(R"({"kind":"PersistentVolume","metadata":{"name":"pv-1"},)"
                              R"("spec":{"claimRef":{"namespace":"apps","name":"data-db-0"}}})");
  REQUIRE(bound);
  CHECK(bound->name == "pv-1");
  CHECK(bound->claim == "apps/data-db-0");
  const auto free = parse_persistent_volume(
      R"({"kind":"PersistentVolume","metadata":{"name":"pv-2"},"spec":{}})");
  REQUIRE(free);
  CHECK(free->claim.empty());
}

}  // namespace drover
