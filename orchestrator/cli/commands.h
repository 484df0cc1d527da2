#pragma once

#include <string>
#include <vector>

#include "orchestrator/cli/node_options.h"
#include "orchestrator/cli/options.h"
#include "orchestrator/console.h"
#include "orchestrator/preview.h"

namespace drover::orchestrator {

/// The whole program: its arguments without its name, its exit code (design 1.2). Call
/// block_signals() first.
int run_program(const std::vector<std::string>& arguments);

int plan_command(const Invocation& invocation);
int check_command(const Invocation& invocation);
int apply_command(const Invocation& invocation);
int resume_command(const Invocation& invocation);
int status_command(const Invocation& invocation);
int runs_command(const Invocation& invocation);
int report_command(const Invocation& invocation);
int pause_command(const Invocation& invocation);
int cancel_command(const Invocation& invocation);
int lock_command(const Invocation& invocation);
int events_command(const Invocation& invocation);
int logs_command(const Invocation& invocation);
int describe_command(const Invocation& invocation);
int top_command(const Invocation& invocation);
int hpa_command(const Invocation& invocation);
int addon_command(const Invocation& invocation);
int certs_command(const Invocation& invocation);
/// `certs renew`.
int certs_renew_command(const Invocation& invocation, const Console& console);
/// `hpa create`.
int hpa_create_command(const Invocation& invocation, const Console& console);
int node_command(const Invocation& invocation);
int etcd_command(const Invocation& invocation);
/// `node exec`, whose options and inventory have been read.
int node_exec_command(const Invocation& invocation, const Console& console,
                      const NodeOptions& options, const Inventory& inventory);

/// `etcd verify` and `etcd list`: files of this machine, without any connection.
int etcd_verify_command(const Invocation& invocation, const Console& console);
int etcd_list_command(const Invocation& invocation, const Console& console);
int etcd_backup_command(const Invocation& invocation, const Console& console);
int etcd_defrag_command(const Invocation& invocation, const Console& console);
int etcd_restore_command(const Invocation& invocation, const Console& console);

/// The exit code for a preview that could not be made.
int exit_code_of(const NoPreview& none);

}  // namespace drover::orchestrator
