#include "train/trainer.h"

#include <cstring>

#include "error.h"
#include "train/validation.h"

namespace sketchvae {

Trainer::Trainer(const ModelSpec& model, const FitOptions& options, const BatchSource& train,
                 const BatchSource* validation)
    : plan_(plan_model(model)),
      options_(options),
      train_(train),
      validation_(validation),
      arena_(plan_.params, options.dtype, slots_of(options.optimizer)),
      network_(plan_, arena_, options.network()) {
  state_.epoch = options.first_epoch;
  state_.threads = options.threads;
  state_.plan = name_of(options.plan);
  if (train.size() < 1) throw Error("there are no drawings to train on");
  for (const BatchSource* source : {&train, validation}) {
    if (source) check_shape(*source, plan_.model.input);
  }
  initialize(arena_, options.seed);
}

void Trainer::use_checkpoints(const CheckpointPlace& place) {
  checkpoints_ = FitCheckpoints(place);
  checkpoints_.read(state_, arena_);
  // Another number of threads would sum in another order: the fit goes on as it began.
  options_.threads = state_.threads;
  network_.set_threads(options_.threads);
  // So would another plan's kernels. Versions without rules were native, or LibTorch's alone.
  if (!state_.plan.empty()) {
    options_.plan = read_plan_rule(state_.plan);
  } else if (options_.plan != PlanRule::libtorch) {
    options_.plan = PlanRule::native;
  }
  network_.set_plan(options_.plan);
}

int64_t Trainer::steps_per_epoch() const {
  return (train_.size() + options_.batch_size - 1) / options_.batch_size;
}

double Trainer::kl_weight(int64_t step) const {
  return options_.kl.weight(state_.epoch, step, steps_per_epoch()) * plan_.model.loss.kl_weight;
}

double Trainer::learning_rate() const {
  return options_.optimizer.learning_rate * state_.epoch_factor *
         options_.learning_rate.rate(state_.epoch);
}

Arena& Trainer::arena() {
  if (steps_) steps_->finish();
  network_.download();
  return arena_;
}

void Trainer::take_snapshot() {
  const auto values = arena_.values();
  state_.snapshot.assign(values.begin(), values.end());
}

void Trainer::keep_weights() {
  state_.kept = state_.snapshot;
  state_.kept_epoch = state_.history.empty() ? 0 : state_.history.back().epoch;
}

void Trainer::leave() {
  checkpoints_.leave();
  if (steps_) steps_->finish();
  std::memcpy(arena_.values().data(), state_.snapshot.data(), state_.snapshot.size());
  network_.upload();
}

Trainer::Ended Trainer::obey(Verdict verdict) {
  if (verdict == Verdict::fail) return Ending::failed;
  if (verdict == Verdict::interrupt) return Ending::interrupted;
  if (verdict == Verdict::finish) state_.last_asked = true;
  return std::nullopt;
}

Ending Trainer::run(FitHost& host) {
  // A checkpoint within an epoch brings the snapshot of the epoch before; else they are the same.
  if (state_.snapshot.empty()) take_snapshot();
  try {
    const Ending ending = run_epochs(host);
    if (ending == Ending::interrupted && state_.history.empty()) throw Interrupted();
    if (ending == Ending::callback && state_.restore_kept && !state_.kept.empty()) {
      state_.snapshot = state_.kept;
      state_.restored_epoch = state_.kept_epoch;
    }
    if (steps_ && !steps_->why_not_captured().empty()) {
      state_.warnings.push_back("training steps could not be captured as a CUDA graph, and ran one "
                                "operation at a time: " + steps_->why_not_captured());
    }
    leave();
    return ending;
  } catch (...) {
    try {
      leave();
    } catch (const std::exception&) {  // a GPU that is gone: what is thrown already says why
    }
    throw;
  }
}

Ending Trainer::run_epochs(FitHost& host) {
  const int64_t last = options_.last_epoch();
  if (state_.epoch > last) return Ending::finished;
  if (state_.finished_at >= last) return Ending::callback;
  if (state_.finished_at > 0) state_.restore_kept = false;  // prolonged: it is decided anew
  state_.finished_at = 0;
  network_.upload();
  if (const Ended ended = obey(host.on_begin(*this))) return *ended;
  checkpoints_.begin();
  while (state_.epoch <= last) {
    if (const Ended ended = run_epoch(host)) return *ended;
    // The callback runs first: what it changes (the learning rate) belongs to the checkpoint.
    const Ended ended = obey(host.on_epoch(*this));
    const bool finish = !ended && state_.last_asked;
    if (finish) {
      state_.finished_at = last;
      state_.last_asked = false;
    }
    checkpoints_.save(state_, arena_, host);
    if (finish) return Ending::callback;
    if (ended) return *ended;
  }
  return Ending::finished;
}

// From the epoch's first step, or where a checkpoint left it, to the start of the next one.
Trainer::Ended Trainer::run_epoch(FitHost& host) {
  if (state_.step == 0) state_.epoch_factor = state_.learning_rate_factor;
  if (const Ended ended = run_steps(host)) return ended;
  if (!arena_.finite()) return Ending::non_finite;
  const double weight = kl_weight(steps_per_epoch() - 1);
  std::optional<Losses> validation;
  if (validation_) {
    validation = validate(network_, plan_, *validation_, options_, state_.epoch, weight, host);
    if (!validation) return Ending::interrupted;
  }
  state_.history.push_back({state_.epoch, weight, learning_rate(), state_.sums.mean(), validation,
                            state_.epoch_seconds});
  take_snapshot();
  state_.sums = {};
  state_.epoch_seconds = 0;
  state_.step = 0;
  ++state_.epoch;
  return std::nullopt;
}

}  // namespace sketchvae
