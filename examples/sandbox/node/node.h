#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "examples/sandbox/node/holder.h"
#include "examples/sandbox/node/machine_folder.h"
#include "examples/sandbox/node/pump.h"

namespace drover::sandbox {

/// Who is told what becomes of a node, so that the rest of the cluster can notice.
struct Witness {
  /// It cannot be reached any more: no power, or its cable is cut.
  std::function<void(const std::string& node)> lost;
  /// It can be reached again; `rebooted`: what ran on it has ended meanwhile.
  std::function<void(const std::string& node, bool rebooted)> back;
};

/// One machine of the make-believe cluster: its folder, its power and the way in, over which a real
/// sshd answers. Safe to use from several threads; see Holder for the one that turns it on.
class Node {
 public:
  /// Makes its folder; it has no power yet. `port` 0: any that is free. `pump` must outlive it.
  Node(NodeSpec spec, Farm farm, std::filesystem::path tool, int port, Pump& pump);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const NodeSpec& spec() const { return spec_; }
  int port() const { return port_; }
  std::filesystem::path state() const { return spec_.folder / kStateFolder; }
  /// Its line for known_hosts.
  std::string known_host() const;
  std::string boot_id() const;
  bool has_power() const;
  /// How often it was booted.
  int boots() const { return boots_; }

  /// Boots it, unless it has power. Connections that were open when it lost its power are reset.
  void power_on();
  /// Pulls its plug: everything that runs in it ends at once, and nobody is told.
  void power_off();

  /// From now on; not while it may be turned on or off.
  void tell(Witness witness) { witness_ = std::move(witness); }
  /// Its cable is cut, and mended, whatever was wrong with it.
  void cut();
  void mend();
  /// How its cable and its port are otherwise; in force when it returns.
  void change_door(const std::function<void(Door&)>& how) { pump_.change(door_, how); }
  /// Its disk is full below a folder, and has room again. Stays so over a reset.
  void fill(const std::string& path);
  void free(const std::string& path);

 private:
  remote::UniqueFd answer();
  void begin_boot();
  void notice();

  NodeSpec spec_;
  Body body_;
  Pump& pump_;
  int port_ = 0;
  Door& door_;
  std::atomic<int> boots_ = 0;

  std::mutex power_;  ///< held while its power, its cable or its disk is changed; guards these:
  Witness witness_;
  bool is_cut_ = false;
  bool reachable_ = true;  ///< as the witness knows it
  bool rebooted_ = false;  ///< since the witness was told that it is lost

  mutable std::mutex inside_;  ///< guards what follows; never held while a door is changed
  std::optional<Holder> holder_;
  std::list<Child> serving_;
  int fills_ = 0;
  std::map<std::string, int> full_;  ///< paths without room and their numbers; outlives its power
};

}  // namespace drover::sandbox
