// R's side of a fit: raw vectors as batch sources, and the host that calls R's closures.
#pragma once

#include <Rcpp.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "rcpp_host.h"
#include "train/trainer.h"

namespace sketchvae {

// Bytes of a raw vector, in place.
inline std::span<const std::byte> bytes_of(const Rcpp::RawVector& raw) {
  return {reinterpret_cast<const std::byte*>(RAW(raw)), static_cast<size_t>(raw.size())};
}

// Where R has no memory for it, its error unwinds C++ as an exception does.
inline Rcpp::RawVector raw_of(const std::vector<std::byte>& bytes) {
  auto size = static_cast<R_xlen_t>(bytes.size());
  const Rcpp::RawVector raw(Rcpp::unwindProtect(
      [](void* n) { return Rf_allocVector(RAWSXP, *static_cast<R_xlen_t*>(n)); }, &size));
  if (size > 0) std::memcpy(RAW(raw), bytes.data(), bytes.size());
  return raw;
}

// Drawings of R, which must outlive it.
inline MemorySource source_of(const Rcpp::List& drawings) {
  const Rcpp::RawVector raw = drawings["pixels"];
  const auto size = Rcpp::as<std::vector<double>>(drawings["size"]);
  const Shape shape = {static_cast<int64_t>(size.at(0)), static_cast<int64_t>(size.at(1)), 1};
  return {RAW(raw), static_cast<int64_t>(raw.size()) / std::max<int64_t>(size_of(shape), 1), shape};
}

// History as columns of a data frame.
Rcpp::List columns_of(const std::vector<EpochRow>& history);

// The trainer whose parameters R may ask for. R may keep it for longer than the trainer lives: then it
// points to null.
using LiveWeights = Rcpp::XPtr<Trainer*>;

// R's side of FitHost: `callbacks` is R/fit_door.R's list of begin(history, factor, restore, weights),
// batch(state, weights) and epoch(history, weights), each a function or NULL, and batch_every: batch
// is called every so many batches, or at most ten times a second when that is 0. events() does what else R has to
// do, and says whether to stop. `weights` is a handle for
// live_weights_cpp(), which gives the parameters as they are. Each function returns list(verdict, factor, keep, restore): what to do, the factor on
// the learning rate from the next epoch on, whether to keep the last epoch's parameters, and whether to end with
// those. record_again() writes the folder's record anew; it returns NULL, or what went wrong.
class RFitHost final : public FitHost {
 public:
  RFitHost(Rcpp::List callbacks, Trainer& trainer)
      : interrupt_(R_NilValue, Rcpp::Nullable<Rcpp::Function>(Rcpp::as<SEXP>(callbacks["events"]))),
        callbacks_(callbacks),
        batch_every_(Rcpp::as<double>(callbacks["batch_every"])),
        trainer_(trainer),
        weights_(std::make_unique<Trainer*>(&trainer).release()) {}
  ~RFitHost() override { *weights_ = nullptr; }

  bool should_stop() override { return interrupt_.should_stop(); }
  Verdict on_begin(Trainer& trainer) override;
  Verdict on_batch(const BatchState& state) override;
  Verdict on_epoch(Trainer& trainer) override;
  void on_new_folder() override;
  int64_t batch_every() const override { return static_cast<int64_t>(batch_every_); }

 private:
  // Calls one of the callbacks, if it is there, and does what it says.
  template <typename... Arguments>
  Verdict call(const char* name, const Arguments&... arguments);

  RHost interrupt_;  // first: R takes no interrupt as long as this lives
  Rcpp::List callbacks_;
  double batch_every_;
  Trainer& trainer_;
  std::chrono::steady_clock::time_point last_{};
  LiveWeights weights_;
};

}  // namespace sketchvae
