#pragma once

#include <string>

/// The shell text in front of every command for the etcd of a control plane. It needs nothing but
/// that machine's own files, so that it works while the API is down.
namespace drover::plans {

/// Sets `data` (etcd's folder) and `endpoint`, and defines `give_up`, `flag NAME` (of etcd's
/// manifest), `inside PROGRAM...` (of the host if it has etcdctl, else in etcd's container: of the
/// host only `data` is visible there, and there is no shell in it) and `ctl WORDS...` (etcdctl
/// asking this member). `in_container` is 1 in the second case. Ends with 1 and a line on stderr
/// where there is no etcd.
std::string etcd_shell();

}  // namespace drover::plans
