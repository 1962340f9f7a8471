// Marshalling for R/sketchvae_sitrep.R and R/zzz.R.
#include <Rcpp.h>

#include "config.h"
#include "cores.h"
#include "net/runtime.h"
#include "net/thread_scope.h"
#include "rcpp_host.h"

// [[Rcpp::export]]
Rcpp::List sitrep_cpp() {
  const sketchvae::GpuStatus gpu = sketchvae::gpu_status();
  return Rcpp::List::create(
      Rcpp::_["libtorch"] = sketchvae::libtorch_loaded_version(),
      Rcpp::_["libtorch_compiled"] = sketchvae::libtorch_compiled_version(),
      Rcpp::_["libtorch_path"] = sketchvae::libtorch_path(),
      Rcpp::_["libtorch_source"] = SKETCHVAE_LIBTORCH_SOURCE,
      Rcpp::_["libtorch_loaded"] = sketchvae::loaded_libtorch_paths(),
      Rcpp::_["threads"] = sketchvae::torch_threads(),
      Rcpp::_["cpu"] = sketchvae::torch_cpu_capability(), Rcpp::_["gpu"] = gpu.available,
      Rcpp::_["gpu_reason"] = gpu.reason);
}

// [[Rcpp::export]]
Rcpp::List gpu_status_cpp() {
  const sketchvae::GpuStatus gpu = sketchvae::gpu_status();
  return Rcpp::List::create(Rcpp::_["available"] = gpu.available, Rcpp::_["reason"] = gpu.reason);
}

// [[Rcpp::export]]
Rcpp::CharacterVector libtorch_versions_cpp() {
  return Rcpp::CharacterVector::create(
      Rcpp::_["compiled"] = sketchvae::libtorch_compiled_version(),
      Rcpp::_["loaded"] = sketchvae::libtorch_loaded_version());
}

// [[Rcpp::export]]
void end_teams_before_forks_cpp() { sketchvae::end_teams_before_forks(); }

// [[Rcpp::export]]
int default_threads_cpp() { return sketchvae::default_threads(); }

// [[Rcpp::export]]
int thread_limit_cpp() { return sketchvae::thread_limit(); }
