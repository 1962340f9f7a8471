// Who watches a fit. R's side is src/rcpp_fit.h.
#pragma once

#include <cstdint>

#include "host.h"
#include "net/network.h"

namespace sketchvae {

class Trainer;

// After one batch.
struct BatchState {
  int64_t epoch = 0, last_epoch = 0;
  int64_t step = 0, steps = 0;  // 1 .. steps of this epoch
  int64_t drawings = 0;         // drawings seen in this call
  double seconds = 0;           // spent in steps in this call
  double kl_weight = 0;
  Losses mean;                  // over the epoch so far
};

// What a host says to going on: `finish` ends the fit for good (early stopping) when the epoch is
// whole, `fail` and `interrupt` end this run only, at once.
enum class Verdict { go_on, finish, fail, interrupt };

// Called on the main thread only.
class FitHost : public Host {
 public:
  // Before the first batch, checkpoint and weights read. Nothing is called when nothing is to do.
  virtual Verdict on_begin(Trainer&) { return Verdict::go_on; }
  // After a batch.
  virtual Verdict on_batch(const BatchState&) { return Verdict::go_on; }
  // On a GPU on_batch comes after every so many batches, and the parameters are then those of that
  // batch; 0: about ten times a second, with losses that lag behind by as much.
  virtual int64_t batch_every() const { return 0; }
  // After an epoch and its validation.
  virtual Verdict on_epoch(Trainer&) { return Verdict::go_on; }
  // The folder of checkpoints was gone and has been made anew: what else belongs into it is missing.
  // Throws Error when that cannot be written.
  virtual void on_new_folder() {}
  void progress(int64_t, int64_t) override {}
};

}  // namespace sketchvae
