// R's side of a fit: raw vectors as batch sources, and the host that calls R's closures.
#pragma once

#include <Rcpp.h>

#include <memory>

#include "rcpp_host.h"
#include "train/trainer.h"

namespace sketchvae {

// Bytes of a raw vector, in place.
inline std::span<const std::byte> bytes_of(const Rcpp::RawVector& raw) {
  return {reinterpret_cast<const std::byte*>(RAW(raw)), static_cast<size_t>(raw.size())};
}

inline Rcpp::RawVector raw_of(const std::vector<std::byte>& bytes) {
  const auto* first = reinterpret_cast<const Rbyte*>(bytes.data());
  return Rcpp::RawVector(first, first + bytes.size());
}

inline MemorySource source_of(const Rcpp::RawVector& raw, const Shape& input) {
  const int64_t pixels = std::max<int64_t>(size_of(input), 1);
  return {RAW(raw), static_cast<int64_t>(raw.size()) / pixels, pixels};
}

// History as columns of a data frame.
Rcpp::List columns_of(const std::vector<EpochRow>& history);

// Calls on_batch(state) at most ten times a second, or every `batch_every` batches when that is
// given, and on_epoch(row, weights) after every epoch, where weights() gives the parameters so far.
// on_epoch returns a number, the factor on the learning rate from now on, or FALSE to stop.
class RFitHost final : public FitHost {
 public:
  RFitHost(Rcpp::Nullable<Rcpp::Function> on_batch, Rcpp::Nullable<Rcpp::Function> on_epoch,
           int64_t batch_every)
      : on_batch_(on_batch), on_epoch_(on_epoch), batch_every_(batch_every) {}
  ~RFitHost() override { *trainer_ = nullptr; }

  bool should_stop() override { return stop_ || door_.should_stop(); }
  void on_batch(const BatchState& state) override;
  bool on_epoch(const EpochRow& row, Trainer& trainer) override;
  // The trainer whose weights on_batch's closure may ask for.
  void watch(Trainer& trainer) { *trainer_ = &trainer; }

 private:
  Rcpp::InternalFunction weights();

  RHost door_;
  Rcpp::Nullable<Rcpp::Function> on_batch_, on_epoch_;
  int64_t batch_every_;
  bool stop_ = false;
  std::chrono::steady_clock::time_point last_{};
  // Shared with the functions handed to R, which may outlive the fit.
  std::shared_ptr<Trainer*> trainer_ = std::make_shared<Trainer*>(nullptr);
};

}  // namespace sketchvae
