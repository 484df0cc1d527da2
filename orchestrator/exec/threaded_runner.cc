#include "orchestrator/exec/threaded_runner.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace drover::orchestrator {

class ThreadedRunner::Worker {
 public:
  using Job = std::function<void(const StepPorts&)>;

  Worker(const MakePorts& make, std::string host)
      : thread_([this, make, host = std::move(host)](std::stop_token stop) {
          work(make, host, stop);
        }) {}

  void add(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    added_.notify_one();
  }

 private:
  void work(const MakePorts& make, const std::string& host, std::stop_token stop) {
    const Owned owned = make(host);
    while (true) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        if (!added_.wait(lock, stop, [this] { return !jobs_.empty(); })) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job(owned.ports);
    }
  }

  std::mutex mutex_;
  std::condition_variable_any added_;
  std::deque<Job> jobs_;
  std::jthread thread_;  // last: joined before the rest goes
};

ThreadedRunner::ThreadedRunner(MakePorts make_ports, MakeOutput make_output, Mailbox& mailbox)
    : make_ports_(std::move(make_ports)), make_output_(std::move(make_output)), mailbox_(mailbox) {}

ThreadedRunner::~ThreadedRunner() = default;

void ThreadedRunner::start(const plans::Step& step, StepStart start) {
  auto& worker = workers_[step.host];
  if (!worker) worker = std::make_unique<Worker>(make_ports_, step.host);
  OutputFile output = make_output_(step, start.number);
  worker->add(
      [this, &step, start = std::move(start), output = std::move(output)](const StepPorts& ports) {
        StepResult result;
        try {
          result = StepLoop(step, start, ports, mailbox_, output, stop_.get_token()).run();
        } catch (const std::exception& exception) {
          result = {.status = StepStatus::Failed,
                    .error = {.kind = ErrorKind::Internal, .message = exception.what()}};
        }
        mailbox_.post(StepEnded{step.id, std::move(result)});
      });
}

void ThreadedRunner::stop_waiting() { stop_.request_stop(); }

}  // namespace drover::orchestrator
