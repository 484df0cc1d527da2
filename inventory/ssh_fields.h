#pragma once

#include <string>

#include "inventory/inventory.h"
#include "inventory/secret_fields.h"
#include "inventory/yaml_field.h"

namespace drover {

/// What holds where the inventory says nothing: port 22, the local user, the usual keys of OpenSSH
/// in `home`/.ssh and the known hosts of the user and of the system.
SshSettings built_in_ssh(const std::string& home, const std::string& user);

/// Puts the SSH keys that stand in the map `field` over `settings`; `map` is its place in the table
/// of keys.
void read_ssh(const YamlField& field, const std::string& map, const Folders& folders,
              SshSettings& settings);

/// The same for a host: its keys may stand in it directly or under its own `ssh`, but not in both.
void read_host_ssh(const YamlField& host, const Folders& folders, SshSettings& settings);

}  // namespace drover
