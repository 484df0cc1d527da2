#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inventory/base/command.h"
#include "plans/etcd/manifests.h"
#include "plans/etcd/restore.h"

/// What a control plane must be like before its etcd can be restored, seen without its etcd.
namespace drover::plans {

struct RestoreSeen {
  std::string host;            ///< inventory host name
  std::string no_etcd;         ///< why nothing could be read there; "": it could
  std::string authority = {};  ///< see authority.h
  Manifests in_place;
  std::optional<Manifests> given;  ///< by the operator, instead of those in place
  std::vector<std::string> left;   ///< folders in which an earlier restore left manifests
  bool mounted = false;            ///< the data folder is a file system of its own
  std::uint64_t free = 0;          ///< bytes for the data
  std::uint64_t room = 0;          ///< bytes for the copy of the snapshot
  std::string etcdutl, etcdctl;    ///< their versions where the machine has them
  bool crictl = false;
  bool image_here = false;             ///< ctr is there, and knows etcd's image
  std::vector<std::string> no_images;  ///< of those given, which the runtime does not have

  /// Those that the control plane is to have afterwards.
  const Manifests& wanted() const { return given ? *given : in_place; }
};

/// Reads the manifests in place. Changes nothing, and needs neither etcd nor the API.
Command look_at_manifests();
RestoreSeen read_manifest_look(const std::string& host, const CommandResult& result);

/// Then: programs and room for the data folder and the images that the wanted manifests name.
Command look_before_restore(const RestoreSeen& seen);
void read_restore_look(const CommandResult& result, RestoreSeen& seen);

/// The best of what is there: a program of the machine of the same minor as its etcd, or the image.
RestoreTool choose_tool(const RestoreSeen& seen);

/// "3.5.24" of "registry.k8s.io/etcd:3.5.24-0"; "" when the tag is none of etcd's.
std::string etcd_version_of(const std::string& image);

}  // namespace drover::plans
