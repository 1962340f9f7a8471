#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "data/json.h"
#include "error.h"
#include "random/draws.h"
#include "train/checkpoint.h"

namespace sketchvae {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr int64_t kMost = 1'000'000'000;

bool finite(const Losses& l) { return std::isfinite(l.loss); }

}  // namespace

FitOptions read_fit_options(const Json& json) {
  FitOptions options;
  options.epochs = json.at("epochs").integer("epochs");
  options.first_epoch = json.at("first_epoch").integer("first_epoch");
  options.batch_size = json.at("batch_size").integer("batch_size");
  options.shuffle = json.at("shuffle").boolean("shuffle");
  options.optimizer = read_optimizer(json.at("optimizer"));
  options.kl = read_kl_schedule(json.at("kl_schedule"));
  options.learning_rate = read_lr_schedule(json.at("learning_rate_schedule"));
  options.seed = static_cast<uint64_t>(json.at("seed").integer("seed"));
  options.threads = static_cast<int>(json.at("threads").integer("threads"));
  options.dtype =
      json.at("precision").string("precision") == "float64" ? Dtype::float64 : Dtype::float32;
  options.reference = json.at("reference").boolean("reference");
  options.precision = read_precision(json.at("precision").string("precision"));
  if (const Json* device = json.find("device")) options.device = read_device(device->string("device"));
  if (options.epochs < 0 || options.first_epoch < 1 || options.batch_size < 1 ||
      options.threads < 1) {
    throw Error("epochs, batch_size and threads must be positive");
  }
  // Random numbers are told apart by 32 bits of epoch and step.
  if (options.last_epoch() > kMost || options.batch_size > kMost) {
    throw Error("epochs and batch_size must be at most 1e9");
  }
  return options;
}

void Trainer::Sums::add(const Losses& losses, int64_t n) {
  const auto weight = static_cast<double>(n);
  loss += losses.loss * weight;
  reconstruction += losses.reconstruction * weight;
  kl += losses.kl * weight;
  regularization += losses.regularization * weight;
  drawings += n;
}

Losses Trainer::Sums::mean() const {
  const auto n = static_cast<double>(std::max<int64_t>(drawings, 1));
  return {loss / n, reconstruction / n, kl / n, regularization / n};
}

Trainer::Trainer(const ModelSpec& model, const FitOptions& options, const BatchSource& train,
                 const BatchSource* validation)
    : plan_(plan_model(model)),
      options_(options),
      train_(train),
      validation_(validation),
      arena_(plan_.params, options.dtype, slots_of(options.optimizer)),
      network_(plan_, arena_,
               {options.threads, options.reference, options.device, options.precision}),
      epoch_(options.first_epoch) {
  if (train.size() < 1) throw Error("there are no drawings to train on");
  for (const BatchSource* source : {&train, validation}) {
    if (source && source->pixels() != size_of(plan_.model.input)) {
      throw Error("the drawings have " + std::to_string(source->pixels()) +
                  " pixels, the model takes " + to_string(plan_.model.input));
    }
  }
  initialize(arena_, options.seed);
}

int64_t Trainer::steps_per_epoch() const {
  return (train_.size() + options_.batch_size - 1) / options_.batch_size;
}

double Trainer::rate_now() const {
  return options_.optimizer.learning_rate * epoch_factor_ *
         options_.learning_rate.rate(epoch_);
}

void Trainer::take_snapshot() {
  const auto values = arena_.values();
  snapshot_.assign(values.begin(), values.end());
}

void Trainer::restore_snapshot() {
  std::memcpy(arena_.values().data(), snapshot_.data(), snapshot_.size());
  network_.upload();
}

Arena& Trainer::arena() {
  if (resident_) resident_->finish();
  network_.download();
  return arena_;
}

bool Trainer::train_epoch(FitHost& host) {
  std::vector<int64_t> order;
  if (options_.shuffle) {
    order = permutation({options_.seed, static_cast<uint32_t>(epoch_), 0, Stream::order, 0},
                        train_.size());
  } else {
    order.resize(static_cast<size_t>(train_.size()));
    std::iota(order.begin(), order.end(), int64_t{0});
  }
  const bool enqueue = options_.device != Device::cpu || options_.resident;
  const bool whole = enqueue ? steps_on_device(host, order) : steps_on_host(host, order);
  if (whole && !arena_.finite()) {
    ending_ = Ending::non_finite;
    return false;
  }
  return whole;
}

void Trainer::keep_weights() {
  kept_ = snapshot_;
  kept_epoch_ = history_.empty() ? 0 : history_.back().epoch;
}

bool Trainer::heeds(Verdict verdict) {
  if (verdict == Verdict::finish) last_asked_ = true;
  if (verdict == Verdict::fail) ending_ = Ending::failed;
  if (verdict == Verdict::interrupt) ending_ = Ending::interrupted;
  return verdict == Verdict::go_on || verdict == Verdict::finish;
}

Ending Trainer::interrupted() const {
  if (history_.empty()) throw Interrupted();
  return Ending::interrupted;
}

bool Trainer::checkpoint_due() const {
  return !checkpoint_folder_.empty() && step_ < steps_per_epoch() &&
         now() - last_checkpoint_ > checkpoint_minutes_ * 60;
}

bool Trainer::steps_on_host(FitHost& host, const std::vector<int64_t>& order) {
  const int64_t n = train_.size(), steps = steps_per_epoch();
  const auto epoch32 = static_cast<uint32_t>(epoch_);
  std::vector<uint8_t> pixels(
      static_cast<size_t>(std::min(options_.batch_size, n) * train_.pixels()));
  const double rate = rate_now();
  Draws draws;
  while (step_ < steps) {
    if (host.should_stop()) {
      ending_ = Ending::interrupted;
      return false;
    }
    const double began = now();
    const int64_t first = step_ * options_.batch_size;
    const int64_t batch = std::min(options_.batch_size, n - first);
    train_.read(order.data() + first, batch, pixels.data());
    draw_step(plan_, {options_.seed, epoch32, static_cast<uint32_t>(step_), Stream::noise, 0},
              batch, draws);
    const double kl_weight =
        options_.kl.weight(epoch_, step_, steps) * plan_.model.loss.kl_weight;
    const Losses losses = network_.backward(pixels.data(), batch, kl_weight, draws);
    if (!finite(losses)) {
      ending_ = Ending::non_finite;
      return false;
    }
    network_.update(options_.optimizer, rate, ++total_steps_);
    ++step_;
    sums_.add(losses, batch);
    const double took = now() - began;
    epoch_seconds_ += took;
    seconds_ += took;
    drawings_ += batch;
    if (!heeds(host.on_batch({epoch_, options_.last_epoch(), step_, steps, drawings_, seconds_,
                              kl_weight, sums_.mean()}))) {
      return false;
    }
    if (checkpoint_due()) save_checkpoint(host);
  }
  return true;
}

Losses Trainer::validate(FitHost& host, double kl_weight) {
  const int64_t n = validation_->size();
  const int64_t chunk = std::min(std::max<int64_t>(options_.batch_size, 32), n);
  std::vector<uint8_t> pixels(static_cast<size_t>(chunk * validation_->pixels()));
  std::vector<int64_t> index(static_cast<size_t>(chunk));
  std::vector<float> noise(static_cast<size_t>(chunk * plan_.model.latent_dim));
  Sums sums;
  for (int64_t first = 0; first < n; first += chunk) {
    if (host.should_stop()) throw Interrupted();
    const int64_t batch = std::min(chunk, n - first);
    std::iota(index.begin(), index.end(), first);
    validation_->read(index.data(), batch, pixels.data());
    fill_normal({options_.seed, static_cast<uint32_t>(epoch_), static_cast<uint32_t>(first),
                 Stream::validation, 0},
                noise.data(), batch * plan_.model.latent_dim);
    sums.add(network_.evaluate(pixels.data(), batch, kl_weight, noise.data()), batch);
  }
  return sums.mean();
}

namespace {

Json to_json(const Losses& l) {
  return Json(Json::Array{Json(l.loss), Json(l.reconstruction), Json(l.kl), Json(l.regularization)});
}

Losses read_losses(const Json& json) {
  const auto& v = json.array("losses");
  if (v.size() != 4) throw Error("four losses were expected");
  // Checkpoints of earlier versions have null for a loss that is not finite.
  const auto number = [](const Json& loss) {
    return loss.is_null() ? std::numeric_limits<double>::quiet_NaN() : loss.number();
  };
  return {number(v[0]), number(v[1]), number(v[2]), number(v[3])};
}

Json to_json(const EpochRow& row) {
  return Json(Json::Object{{"epoch", Json(row.epoch)},
                           {"kl_weight", Json(row.kl_weight)},
                           {"learning_rate", Json(row.learning_rate)},
                           {"train", to_json(row.train)},
                           {"validation", row.validation ? to_json(*row.validation) : Json()},
                           {"seconds", Json(row.seconds)}});
}

EpochRow read_row(const Json& json) {
  EpochRow row;
  row.epoch = json.at("epoch").integer("epoch");
  row.kl_weight = json.at("kl_weight").number();
  row.learning_rate = json.at("learning_rate").number();
  row.train = read_losses(json.at("train"));
  if (!json.at("validation").is_null()) row.validation = read_losses(json.at("validation"));
  row.seconds = json.at("seconds").number();
  return row;
}

}  // namespace

Checkpoint Trainer::checkpoint() const {
  Json::Array rows;
  for (const EpochRow& row : history_) rows.push_back(to_json(row));
  Checkpoint checkpoint;
  checkpoint.state = Json(Json::Object{
      {"epoch", Json(epoch_)},
      {"step", Json(step_)},
      {"total_steps", Json(total_steps_)},
      {"learning_rate_factor", Json(learning_rate_factor)},
      {"epoch_factor", Json(epoch_factor_)},
      {"last_asked", Json(last_asked_)},
      {"restore_kept", Json(restore_kept)},
      {"kept_epoch", Json(kept_epoch_)},
      {"epoch_seconds", Json(epoch_seconds_)},
      {"threads", Json(options_.threads)},
      {"finished_at", Json(finished_at_)},
      {"sums", to_json(Losses{sums_.loss, sums_.reconstruction, sums_.kl, sums_.regularization})},
      {"sums_drawings", Json(sums_.drawings)},
      {"history", Json(std::move(rows))}});
  if (step_ > 0) checkpoint.snapshot = snapshot_;
  checkpoint.kept = kept_;
  return checkpoint;
}

// A checkpoint that cannot be written does not end the night's training: it is said once, and
// tried again when the next one is due.
void Trainer::save_checkpoint(FitHost& host) {
  try {
    if (lock_ && !lock_->is_there()) {  // somebody removed the folder
      make_folder(checkpoint_folder_);
      lock_ = std::make_unique<FolderLock>(checkpoint_folder_);
      host.on_new_folder();
    }
    write_checkpoint(checkpoint_folder_, total_steps_, fingerprint_, checkpoint(), arena_,
                     checkpoint_keep_);
  } catch (const Error& error) {
    if (!checkpoint_failed_) {
      warnings_.push_back(std::string("a checkpoint could not be written after epoch ") +
                          std::to_string(history_.empty() ? 0 : history_.back().epoch) + ": " +
                          error.what());
    }
    checkpoint_failed_ = true;
  }
  last_checkpoint_ = now();
}

void Trainer::use_checkpoints(const std::string& folder, const std::string& fingerprint,
                              double minutes, int64_t keep) {
  checkpoint_folder_ = folder;
  fingerprint_ = fingerprint;
  checkpoint_minutes_ = minutes;
  checkpoint_keep_ = keep;
  lock_ = std::make_unique<FolderLock>(folder);
  const auto found = read_checkpoint(folder, fingerprint, arena_, warnings_);
  if (!found) return;
  const Json& state = found->state;
  epoch_ = state.at("epoch").integer("epoch");
  step_ = state.at("step").integer("step");
  total_steps_ = state.at("total_steps").integer("total_steps");
  learning_rate_factor = state.at("learning_rate_factor").number();
  // Versions before had none of these.
  const Json *factor = state.find("epoch_factor"), *last = state.find("last_asked"),
             *restore = state.find("restore_kept"), *kept = state.find("kept_epoch");
  epoch_factor_ = factor ? factor->number() : learning_rate_factor;
  last_asked_ = last && last->boolean();
  restore_kept = restore && restore->boolean();
  kept_epoch_ = kept ? kept->integer() : 0;
  kept_ = found->kept;
  finished_at_ = state.at("finished_at").integer("finished_at");
  epoch_seconds_ = state.at("epoch_seconds").number();
  // Another number of threads would sum in another order: the fit goes on as it began.
  options_.threads = static_cast<int>(state.at("threads").integer("threads"));
  network_.set_threads(options_.threads);
  const Losses sums = read_losses(state.at("sums"));
  sums_ = {sums.loss, sums.reconstruction, sums.kl, sums.regularization,
           state.at("sums_drawings").integer("sums_drawings")};
  for (const Json& row : state.at("history").array("history")) history_.push_back(read_row(row));
  if (step_ > 0 && found->snapshot.empty()) {
    throw Error("a checkpoint in '" + folder + "' has no weights of the last finished epoch");
  }
  if (step_ > 0) snapshot_ = found->snapshot;
}

void start_checkpoints(Trainer& trainer, const Json& checkpoint) {
  if (!checkpoint.is_object()) return;
  trainer.use_checkpoints(checkpoint.at("folder").string("folder"),
                          checkpoint.at("fingerprint").string("fingerprint"),
                          checkpoint.at("minutes").number("minutes"),
                          checkpoint.at("keep").integer("keep"));
}

void Trainer::leave() {
  lock_.reset();  // the folder is free again once the run has ended
  if (resident_) resident_->finish();
  restore_snapshot();
}

Ending Trainer::run(FitHost& host) {
  // A checkpoint within an epoch brings the snapshot of the epoch before; else they are the same.
  if (snapshot_.empty()) take_snapshot();
  try {
    const Ending ending = run_epochs(host);
    if (ending == Ending::callback && restore_kept && !kept_.empty()) {
      snapshot_ = kept_;
      restored_epoch_ = kept_epoch_;
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
  if (epoch_ > options_.last_epoch()) return Ending::finished;
  if (finished_at_ >= options_.last_epoch()) return Ending::callback;
  if (finished_at_ > 0) restore_kept = false;  // prolonged: whether to restore is decided anew
  finished_at_ = 0;
  ending_ = Ending::finished;
  network_.upload();
  const Verdict begin = host.on_begin(*this);
  if (begin == Verdict::fail) return Ending::failed;
  if (begin == Verdict::interrupt) return interrupted();
  if (begin == Verdict::finish) last_asked_ = true;
  last_checkpoint_ = now();
  while (epoch_ <= options_.last_epoch()) {
    std::optional<Losses> validation;
    const int64_t steps = steps_per_epoch();
    const double kl_weight =
        options_.kl.weight(epoch_, steps - 1, steps) * plan_.model.loss.kl_weight;
    if (step_ == 0) epoch_factor_ = learning_rate_factor;
    bool whole = train_epoch(host);
    if (whole && validation_) {
      try {
        validation = validate(host, kl_weight);
      } catch (const Interrupted&) {
        ending_ = Ending::interrupted;
        whole = false;
      }
    }
    if (!whole) return ending_ == Ending::interrupted ? interrupted() : ending_;
    history_.push_back({epoch_, kl_weight, rate_now(), sums_.mean(), validation, epoch_seconds_});
    take_snapshot();
    sums_ = {};
    epoch_seconds_ = 0;
    step_ = 0;
    ++epoch_;
    // The callback runs first: what it changes (the learning rate) belongs to the checkpoint.
    const Verdict verdict = host.on_epoch(*this);
    const bool finish = verdict == Verdict::finish || (verdict == Verdict::go_on && last_asked_);
    if (finish) {
      finished_at_ = options_.last_epoch();
      last_asked_ = false;
    }
    if (!checkpoint_folder_.empty()) save_checkpoint(host);
    if (finish) return Ending::callback;
    if (verdict == Verdict::fail) return Ending::failed;
    if (verdict == Verdict::interrupt) return Ending::interrupted;
  }
  return ending_;
}

}  // namespace sketchvae
