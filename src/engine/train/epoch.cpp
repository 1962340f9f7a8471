// An epoch's steps, in portions. On the CPU one step is a portion. On a GPU they are enqueued for about
// a tenth of a second, at most two portions under way, so that the GPU never waits for the host and an
// interrupt never for long.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "clock.h"
#include "random/philox.h"
#include "train/trainer.h"

namespace sketchvae {
namespace {

constexpr double kPortionSeconds = 0.1;

}  // namespace

std::vector<int64_t> Trainer::order() const {
  if (options_.shuffle) {
    return permutation({options_.seed, static_cast<uint32_t>(state_.epoch), 0, Stream::order, 0},
                       train_.size());
  }
  std::vector<int64_t> order(static_cast<size_t>(train_.size()));
  std::iota(order.begin(), order.end(), int64_t{0});
  return order;
}

std::vector<StepRow> Trainer::step_rows() const {
  std::vector<StepRow> rows;
  for (int64_t i = 0; i < steps_per_epoch(); ++i) {
    StepRow row = step_row(options_.optimizer, learning_rate(), state_.total_steps - state_.step + i + 1);
    row.kl_weight = kl_weight(i);
    row.epoch = static_cast<uint32_t>(state_.epoch);
    row.step = static_cast<uint32_t>(i);
    rows.push_back(row);
  }
  return rows;
}

Trainer::Ended Trainer::run_steps(FitHost& host) {
  const bool at_once = options_.device == Device::cpu && !options_.resident;
  if (!steps_) {
    steps_ = std::make_unique<Steps>(
        network_, plan_, train_,
        StepOptions{options_.optimizer, options_.batch_size, options_.seed, options_.resident});
  }
  FitState& s = state_;
  const int64_t steps = steps_per_epoch();
  const std::vector<StepRow> rows = step_rows();
  steps_->begin_epoch(order(), rows, s.step, s.sums);
  int64_t portion = 8;
  while (s.step < steps) {
    if (host.should_stop()) return Ending::interrupted;
    const double began = seconds_now();
    const int64_t every = at_once ? 1 : host.batch_every();
    const int64_t n = std::min(every > 0 ? every - s.step % every : portion, steps - s.step);
    Sums sums = steps_->run(n);
    s.step += n;
    s.total_steps += n;
    const bool save = s.step < steps && checkpoints_.due();
    if (every > 0 || save || s.step == steps) sums = steps_->finish();
    const double took = seconds_now() - began;
    if (took < kPortionSeconds / 2) portion = std::min(2 * portion, steps);
    if (took > kPortionSeconds * 2) portion = std::max<int64_t>(portion / 2, 1);
    s.epoch_seconds += took;
    s.seconds += took;
    if (!std::isfinite(sums.of.loss)) return Ending::non_finite;
    s.drawings += sums.drawings - s.sums.drawings;
    s.sums = sums;
    if (s.sums.drawings > 0) {
      const double weight = rows[static_cast<size_t>(s.step - 1)].kl_weight;
      if (const Ended ended = obey(host.on_batch({s.epoch, options_.last_epoch(), s.step, steps,
                                                  s.drawings, s.seconds, weight, s.sums.mean()}))) {
        return ended;
      }
    }
    if (save) {
      network_.download();
      checkpoints_.save(s, arena_, host);
    }
  }
  network_.download();
  return std::nullopt;
}

}  // namespace sketchvae
