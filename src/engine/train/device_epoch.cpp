// An epoch on a GPU: steps are enqueued in portions of about a tenth of a second, at most two of
// them under way, so that the GPU never waits for the host and an interrupt never for long.
#include <algorithm>
#include <chrono>
#include <vector>

#include "train/trainer.h"

namespace sketchvae {
namespace {

constexpr double kPortionSeconds = 0.1;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool Trainer::steps_on_device(FitHost& host, const std::vector<int64_t>& order) {
  if (!resident_) {
    resident_ = std::make_unique<Resident>(network_, plan_, train_, options_.optimizer,
                                           options_.batch_size, options_.seed, options_.dtype);
  }
  const int64_t steps = steps_per_epoch();
  const double rate = rate_now();
  std::vector<StepRow> rows;
  for (int64_t i = 0; i < steps; ++i) {
    rows.push_back({options_.kl.weight(epoch_, i, steps) * plan_.model.loss.kl_weight,
                    corrected_rate(options_.optimizer, rate, total_steps_ - step_ + i + 1),
                    rate * options_.optimizer.weight_decay, static_cast<uint32_t>(epoch_),
                    static_cast<uint32_t>(i)});
  }
  resident_->begin_epoch(order, rows, step_);
  const Sums before = sums_;
  int64_t portion = 8;
  while (step_ < steps) {
    if (host.should_stop()) {
      resident_->finish();
      ending_ = Ending::interrupted;
      return false;
    }
    const double began = now();
    const int64_t every = host.batch_every();
    const int64_t n = std::min(every > 0 ? every - step_ % every : portion, steps - step_);
    ResidentSums sums = resident_->run(n);
    step_ += n;
    total_steps_ += n;
    const bool save = checkpoint_due();
    if (every > 0 || save || step_ == steps) sums = resident_->finish();
    const double took = now() - began;
    if (took < kPortionSeconds / 2) portion = std::min(2 * portion, steps);
    if (took > kPortionSeconds * 2) portion = std::max<int64_t>(portion / 2, 1);
    epoch_seconds_ += took;
    seconds_ += took;
    if (!sums.finite()) {
      resident_->finish();
      ending_ = Ending::non_finite;
      return false;
    }
    drawings_ += before.drawings + sums.drawings - sums_.drawings;
    sums_ = before;
    sums_.loss += sums.reconstruction + sums.weighted_kl + sums.regularization;
    sums_.reconstruction += sums.reconstruction;
    sums_.kl += sums.kl;
    sums_.regularization += sums.regularization;
    sums_.drawings += sums.drawings;
    if (sums_.drawings > 0 &&
        !heeds(host.on_batch({epoch_, options_.last_epoch(), step_, steps, drawings_, seconds_,
                              rows[static_cast<size_t>(step_ - 1)].kl_weight, sums_.mean()}))) {
      resident_->finish();
      return false;
    }
    if (save) {
      network_.download();
      save_checkpoint(host);
    }
  }
  network_.download();
  if (!resident_->why_not_captured().empty() && !told_uncaptured_) {
    told_uncaptured_ = true;
    warnings_.push_back("training steps could not be captured as a CUDA graph, and ran one "
                        "operation at a time: " + resident_->why_not_captured());
  }
  return true;
}

}  // namespace sketchvae
