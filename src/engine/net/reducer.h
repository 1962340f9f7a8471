// The seam at which several processes that train one model meet: between a step's pass and its sweep.
// Each takes its rows of every batch, and all get the sums over their rows. Tests: tests/cpp/test_reducer.cpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace sketchvae {

// One rank alone: all rows are its own, and a sum is what it has. Several ranks are a class that says
// otherwise.
class Reducer {
 public:
  virtual ~Reducer() = default;

  virtual bool alone() const { return true; }
  // Which rows of a batch of so many are this rank's: n from `first` on.
  struct Share {
    int64_t first, n;
  };
  virtual Share share(int64_t batch) const { return {0, batch}; }
  // Makes each tensor its sum over all ranks, the same numbers in each of them.
  virtual void sum(std::span<at::Tensor> /*tensors*/) const {}
};

// The rows of a batch that a pass has, and how many all ranks have together.
class Batch {
 public:
  Batch(const Reducer& reducer, int64_t n, int64_t all) : reducer_(reducer), n_(n), all_(all) {}

  int64_t all() const { return all_; }
  bool whole() const { return n_ == all_; }
  // Mean over the rows of all ranks, and over x's other `axes`; autograd goes through it.
  at::Tensor mean(const at::Tensor& x, at::IntArrayRef axes, bool keep = false) const;
  // This rank's part of what is the same in each of them: parts add up to the whole.
  at::Tensor part(const at::Tensor& x) const;

 private:
  const Reducer& reducer_;
  int64_t n_, all_;
};

}  // namespace sketchvae
