#include "remote/local_programs.h"

#include "remote/process.h"

namespace drover::remote {

Result<CommandResult> LocalPrograms::run(const LocalProgram& program, std::stop_token stop) {
  if (program.argv.empty()) {
    return Error{.kind = ErrorKind::Internal, .message = "no program is named"};
  }
  ProcessSpec spec;
  spec.command = program.argv.front();
  spec.args.assign(program.argv.begin() + 1, program.argv.end());
  spec.env = program.env;
  DROVER_TRY_ASSIGN(ProcessResult ended, run_process(spec, program.timeout, stop));
  for (const Redaction* redaction : redactions_) {
    ended.out = redaction->apply(ended.out);
    ended.err = redaction->apply(ended.err);
  }
  return CommandResult{ended.exit_code, std::move(ended.out), std::move(ended.err)};
}

}  // namespace drover::remote
