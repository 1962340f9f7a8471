// What stands between R and the engine: call_r(), by which alone the engine runs R code, progress,
// interrupts, and the guard that every call into LibTorch or OpenMP passes first. R's twin of engine/host.h; only the main thread comes here.
// Tested in tests/testthat/test-sketchvae_sitrep.R.
#pragma once

#include <Rcpp.h>
#include <R_ext/GraphicsDevice.h>  // R_interrupts_pending, R_interrupts_suspended
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "error.h"
#include "host.h"
#include "net/runtime.h"

namespace sketchvae {

// Whether the call of the engine that is under way ends at Ctrl-C: not where its caller holds
// interrupts back. Set by run_engine() of R/engine.R.
inline bool obeys_interrupts = true;

// As long as one lives, R takes no interrupt, wherever it allocates or evaluates: an interrupt is
// noted and waits. R would jump out of C++ with it, past every destructor.
class InterruptsHeld {
 public:
  InterruptsHeld() : before_(R_interrupts_suspended) { R_interrupts_suspended = TRUE; }
  ~InterruptsHeld() { R_interrupts_suspended = before_; }
  InterruptsHeld(const InterruptsHeld&) = delete;
  InterruptsHeld& operator=(const InterruptsHeld&) = delete;

 private:
  const Rboolean before_;
};

// Takes the interrupt that waits, if one does.
inline bool take_interrupt() {
  const bool waits = R_interrupts_pending != 0;
  R_interrupts_pending = 0;
  return waits;
}

// The one place where R code runs for the engine. Interrupts wait meanwhile, for should_stop(), or for
// a function that lets them in itself and answers with a verdict (R/fit_door.R). An error of R goes
// through C++ as an exception.
template <typename... Arguments>
Rcpp::RObject call_r(SEXP function, const Arguments&... arguments) {
  const InterruptsHeld held;
  return Rcpp::Function(function)(arguments...);
}

// The same for what R does by itself: windows of Tcl/Tk are redrawn, R's time limits seen.
inline void process_events() {
  const InterruptsHeld held;
  Rcpp::unwindProtect([]() -> SEXP {
    R_ProcessEvents();
    return R_NilValue;
  });
}

// Progress goes to an R function(done, total), at most ten times a second and once at the end;
// NULL is silent. An error of that function unwinds through the engine as an R error. Interrupts
// are held back as long as the host lives, and only should_stop() takes them. (Not through
// R_CheckUserInterrupt() in R_ToplevelExec(), which ends a session that is not interactive.)
// on_events() stands for process_events(), where it is given, and says whether to stop.
class RHost final : public Host {
 public:
  explicit RHost(Rcpp::Nullable<Rcpp::Function> on_progress = R_NilValue,
                 Rcpp::Nullable<Rcpp::Function> on_events = R_NilValue)
      : on_progress_(on_progress), on_events_(on_events) {}

  bool should_stop() override {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_events_ >= std::chrono::milliseconds(100)) {
      last_events_ = now;
      if (on_events_.isNull()) {
        process_events();
      } else {
        interrupted_ |= Rcpp::as<bool>(call_r(on_events_.get()));
      }
    }
    if (obeys_ && !interrupted_) interrupted_ = take_interrupt();
    return interrupted_;
  }

  void progress(int64_t done, int64_t total) override {
    if (on_progress_.isNull()) return;
    const auto now = std::chrono::steady_clock::now();
    if (done < total && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    // As doubles: R's integers end at 2^31.
    call_r(on_progress_.get(), static_cast<double>(done), static_cast<double>(total));
  }

 private:
  const InterruptsHeld held_;
  const bool obeys_ = obeys_interrupts;
  Rcpp::Nullable<Rcpp::Function> on_progress_, on_events_;
  std::chrono::steady_clock::time_point last_{}, last_events_{};
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
