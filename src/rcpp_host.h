// The doors between R and the engine: progress, interrupt, and the guard that every call into
// LibTorch or OpenMP passes first. R's twin of engine/host.h; only the main thread comes here.
// Tested in tests/testthat/test-sketchvae_sitrep.R.
#pragma once

#include <Rcpp.h>
#include <R_ext/Utils.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "error.h"
#include "host.h"
#include "net/runtime.h"

namespace sketchvae {

// Progress goes to an R function(done, total), at most ten times a second and once at the end;
// NULL is silent. An error of that function unwinds through the engine as an R error.
class RHost final : public Host {
 public:
  explicit RHost(Rcpp::Nullable<Rcpp::Function> on_progress = R_NilValue)
      : on_progress_(on_progress) {}

  bool should_stop() override {
    // R_CheckUserInterrupt() jumps out of C++ when there is an interrupt: hence inside
    // R_ToplevelExec, which says FALSE then, and lets the engine end in its own way.
    if (!interrupted_) {
      interrupted_ = R_ToplevelExec([](void*) { R_CheckUserInterrupt(); }, nullptr) == FALSE;
    }
    return interrupted_;
  }

  void progress(int64_t done, int64_t total) override {
    if (on_progress_.isNull()) return;
    const auto now = std::chrono::steady_clock::now();
    if (done < total && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    // As doubles: R's integers end at 2^31.
    try {
      Rcpp::Function(on_progress_.get())(static_cast<double>(done), static_cast<double>(total));
    } catch (const Rcpp::internal::InterruptedException&) {
      interrupted_ = true;  // Ctrl-C while R drew the bar: the engine ends in its own way
    }
  }

  // Did the user press Ctrl-C during this call?
  bool interrupted() const { return interrupted_; }

 private:
  Rcpp::Nullable<Rcpp::Function> on_progress_;
  std::chrono::steady_clock::time_point last_{};
  bool interrupted_ = false;
};

// The process that used LibTorch or OpenMP first; 0 before that.
inline pid_t first_use = 0;

// Stands before every call that uses LibTorch or OpenMP. Refuses in a forked child of a process
// that has used them: their thread pools do not survive a fork, and the child would hang for ever.
// Refuses when a second LibTorch is in the process. Throws Error.
inline void guard() {
  const pid_t self = getpid();
  if (first_use == 0) first_use = self;
  if (first_use != self) {
    throw Error(
        "sketchvae was used before this process was forked, and its threads do not survive a "
        "fork. Use parallel::makeCluster() (type \"PSOCK\") or future::multisession instead of "
        "mclapply() or future::multicore.");
  }
  const std::vector<std::string> loaded = loaded_libtorch_paths();
  if (loaded.size() > 1) {
    throw Error("two LibTorchs are loaded in this R session, " + loaded[0] + " and " + loaded[1] +
                ". Start a new R session without the package (torch or reticulate) that brought "
                "the other one, or install sketchvae with LIBTORCH_HOME set to the folder of that "
                "one.");
  }
}

}  // namespace sketchvae
