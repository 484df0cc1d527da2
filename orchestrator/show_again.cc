#include "orchestrator/show_again.h"

#include "orchestrator/patience.h"

namespace drover::orchestrator {

Error show_again(const Repeated& list, remote::Clock& clock, const std::stop_token& stop) {
  Patience patience(clock);
  for (;;) {
    const remote::Instant began = clock.now();
    const Result<std::string> text = list.read();
    if (text) {
      patience.renew();
      list.show(*text);
    } else if (const Status borne = patience.bear(text.error(), began, list.tell); !borne) {
      return borne.error();
    }
    const auto next = began + (text ? list.every : kBetweenReadings);
    if (!clock.wait_until(next, stop)) return stopped_following();
  }
}

}  // namespace drover::orchestrator
