// An epoch on a GPU: steps are enqueued in portions of about a tenth of a second, at most two of
// them under way, so that the GPU never waits for the host and an interrupt never for long.
#include <algorithm>
#include <vector>

#include "clock.h"
#include "train/trainer.h"

namespace sketchvae {
namespace {

constexpr double kPortionSeconds = 0.1;

}  // namespace

Trainer::Ended Trainer::steps_on_device(FitHost& host, const std::vector<int64_t>& order) {
  if (!resident_) {
    resident_ = std::make_unique<Resident>(network_, plan_, train_, options_.optimizer,
                                           options_.batch_size, options_.seed, options_.dtype);
  }
  FitState& s = state_;
  const int64_t steps = steps_per_epoch();
  const double rate = learning_rate();
  std::vector<StepRow> rows;
  for (int64_t i = 0; i < steps; ++i) {
    StepRow row = step_row(options_.optimizer, rate, s.total_steps - s.step + i + 1);
    row.kl_weight = kl_weight(i);
    row.epoch = static_cast<uint32_t>(s.epoch);
    row.step = static_cast<uint32_t>(i);
    rows.push_back(row);
  }
  resident_->begin_epoch(order, rows, s.step);
  const Sums before = s.sums;
  int64_t portion = 8;
  while (s.step < steps) {
    if (host.should_stop()) {
      resident_->finish();
      return Ending::interrupted;
    }
    const double began = seconds_now();
    const int64_t every = host.batch_every();
    const int64_t n = std::min(every > 0 ? every - s.step % every : portion, steps - s.step);
    ResidentSums sums = resident_->run(n);
    s.step += n;
    s.total_steps += n;
    const bool save = s.step < steps && checkpoints_.due();
    if (every > 0 || save || s.step == steps) sums = resident_->finish();
    const double took = seconds_now() - began;
    if (took < kPortionSeconds / 2) portion = std::min(2 * portion, steps);
    if (took > kPortionSeconds * 2) portion = std::max<int64_t>(portion / 2, 1);
    s.epoch_seconds += took;
    s.seconds += took;
    if (!sums.finite()) {
      resident_->finish();
      return Ending::non_finite;
    }
    s.drawings += before.drawings + sums.drawings - s.sums.drawings;
    s.sums = before;
    s.sums.of.loss += sums.reconstruction + sums.weighted_kl + sums.regularization;
    s.sums.of.reconstruction += sums.reconstruction;
    s.sums.of.kl += sums.kl;
    s.sums.of.regularization += sums.regularization;
    s.sums.drawings += sums.drawings;
    if (s.sums.drawings > 0) {
      if (const Ended ended = obey(host.on_batch(
              {s.epoch, options_.last_epoch(), s.step, steps, s.drawings, s.seconds,
               rows[static_cast<size_t>(s.step - 1)].kl_weight, s.sums.mean()}))) {
        resident_->finish();
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
