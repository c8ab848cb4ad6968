#include "fleet/trace.hpp"

#include <algorithm>
#include <cmath>

namespace signet {

void finish(Trace& trace) {
  trace.rounds = trace.rows.size();
  if (trace.rows.empty()) return;
  const std::size_t tail = std::max<std::size_t>(1, trace.rows.size() / 20);
  double sum = 0;
  for (std::size_t i = trace.rows.size() - tail; i < trace.rows.size(); ++i)
    sum += trace.rows[i].train_loss;
  trace.train_loss = sum / static_cast<double>(tail);
  if (!(trace.train_loss <= trace.rows.front().train_loss) || !std::isfinite(trace.train_loss))
    trace.diverged = true;
}

}  // namespace signet
