#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "inventory/base/command.h"
#include "plans/etcd/restore.h"

/// What a control plane must be like before its etcd can be restored, seen without its etcd.
namespace drover::plans {

/// Reads manifests, programs and room. Changes nothing, and needs neither etcd nor the API.
Command look_before_restore();

struct RestoreSeen {
  std::string host;      ///< inventory host name
  std::string no_etcd;   ///< why nothing could be read there; "": it could
  std::string name;      ///< of the member
  std::string peer_url;  ///< the only one, or the first
  std::string data;
  std::string wal;                  ///< "": below `data`
  bool mounted = false;             ///< `data` is a file system of its own
  std::string image;                ///< of etcd
  std::string kubernetes;           ///< tag of the API server's image: "v1.33.13"; "" unknown
  std::set<std::string> manifests;  ///< components that have one in place
  std::vector<std::string> left;    ///< folders in which an earlier restore left manifests
  std::uint64_t free = 0;           ///< bytes for `data`
  std::uint64_t room = 0;           ///< bytes for the copy of the snapshot
  std::string etcdutl, etcdctl;     ///< their versions where the machine has them
  bool crictl = false;
  bool image_here = false;  ///< ctr is there, and knows etcd's image
};
RestoreSeen read_restore_look(const std::string& host, const CommandResult& result);

/// The best of what is there: a program of the machine of the same minor as its etcd, or the image.
RestoreTool choose_tool(const RestoreSeen& seen);

/// "3.5.24" of "registry.k8s.io/etcd:3.5.24-0"; "" when the tag is none of etcd's.
std::string etcd_version_of(const std::string& image);

}  // namespace drover::plans
