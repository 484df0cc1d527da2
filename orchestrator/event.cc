#include "orchestrator/event.h"

namespace drover::orchestrator {

std::string_view status_name(StepStatus status) {
  switch (status) {
    case StepStatus::Succeeded:
      return "succeeded";
    case StepStatus::Skipped:
      return "skipped";
    case StepStatus::Failed:
      return "failed";
    case StepStatus::Unknown:
      return "unknown";
    case StepStatus::Cancelled:
      return "cancelled";
  }
  return "";
}

std::string_view status_name(RunStatus status) {
  switch (status) {
    case RunStatus::Succeeded:
      return "succeeded";
    case RunStatus::Failed:
      return "failed";
    case RunStatus::Interrupted:
      return "interrupted";
    case RunStatus::Refused:
      return "refused";
  }
  return "";
}

std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Internal:
      return "internal";
    case ErrorKind::Usage:
      return "usage";
    case ErrorKind::File:
      return "file";
    case ErrorKind::Refused:
      return "refused";
    case ErrorKind::Unreachable:
      return "unreachable";
    case ErrorKind::Authentication:
      return "authentication";
    case ErrorKind::HostKey:
      return "host-key";
    case ErrorKind::Sudo:
      return "sudo";
    case ErrorKind::Command:
      return "command";
    case ErrorKind::Unknown:
      return "unknown";
    case ErrorKind::Api:
      return "api";
    case ErrorKind::Timeout:
      return "timeout";
    case ErrorKind::Cancelled:
      return "cancelled";
    case ErrorKind::Locked:
      return "locked";
    case ErrorKind::Stale:
      return "stale";
    case ErrorKind::State:
      return "state";
  }
  return "";
}

}  // namespace drover::orchestrator
