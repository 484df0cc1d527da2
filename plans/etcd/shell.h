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

/// As much of it as needs no running etcd: `data`, `endpoint`, `give_up`, `flag NAME`, and `cri
/// WORDS...` (crictl on the runtime that kubeadm wrote down).
std::string etcd_files_shell();

/// `give_up` and `cri WORDS...` alone, for a machine whose etcd has no manifest now. `socket` is
/// the runtime's, "" when it is not written down.
std::string runtime_shell();

}  // namespace drover::plans
