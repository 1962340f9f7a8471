// Marshalling for R/vae_encode.R, vae_decode.R and mse_anomalies.R.
#include <Rcpp.h>

#include "rcpp_fit.h"
#include "rcpp_json.h"
#include "train/scorer.h"

namespace {

// `how`: list(threads, device, precision) of R/devices.R.
sketchvae::Scorer scorer_of(Rcpp::List model, Rcpp::RawVector weights, Rcpp::List how) {
  sketchvae::guard();
  sketchvae::NetworkOptions options;
  options.threads = Rcpp::as<int>(how["threads"]);
  options.device = sketchvae::read_device(Rcpp::as<std::string>(how["device"]));
  options.precision = sketchvae::read_precision(Rcpp::as<std::string>(how["precision"]));
  return {sketchvae::read_model(sketchvae::to_json(model)), sketchvae::bytes_of(weights), options};
}

}  // namespace

// [[Rcpp::export]]
Rcpp::List encode_cpp(Rcpp::RawVector pixels, Rcpp::List model, Rcpp::RawVector weights,
                      Rcpp::List how, Rcpp::Nullable<Rcpp::Function> on_progress) {
  auto scorer = scorer_of(model, weights, how);
  const auto source = sketchvae::source_of(pixels, scorer.plan().model.input);
  const auto n = static_cast<int>(source.size()), d = static_cast<int>(scorer.plan().model.latent_dim);
  Rcpp::NumericMatrix mean(n, d), log_var(n, d);
  sketchvae::RHost host(on_progress);
  scorer.encode(source, mean.begin(), log_var.begin(), host);
  return Rcpp::List::create(Rcpp::_["mean"] = mean, Rcpp::_["log_var"] = log_var);
}

// [[Rcpp::export]]
Rcpp::NumericMatrix sample_codes_cpp(Rcpp::NumericMatrix mean, Rcpp::NumericMatrix log_var,
                                     bool log_sd, double seed) {
  Rcpp::NumericMatrix z = Rcpp::clone(mean);
  sketchvae::sample_codes(log_sd ? sketchvae::Noise::log_sd : sketchvae::Noise::log_var,
                          static_cast<uint64_t>(seed), z.nrow(), z.ncol(), z.begin(),
                          log_var.begin());
  return z;
}

// [[Rcpp::export]]
Rcpp::NumericVector decode_cpp(Rcpp::NumericMatrix z, Rcpp::List model, Rcpp::RawVector weights,
                               Rcpp::List how, Rcpp::Nullable<Rcpp::Function> on_progress) {
  auto scorer = scorer_of(model, weights, how);
  const int64_t n = z.nrow(), size = sketchvae::size_of(scorer.plan().model.input);
  Rcpp::NumericVector out(n * size);
  sketchvae::RHost host(on_progress);
  scorer.decode(z.begin(), n, out.begin(), host);
  return out;
}

// [[Rcpp::export]]
Rcpp::NumericVector score_cpp(Rcpp::RawVector pixels, Rcpp::List model, Rcpp::RawVector weights,
                              Rcpp::List how, Rcpp::Nullable<Rcpp::Function> on_progress) {
  auto scorer = scorer_of(model, weights, how);
  const auto source = sketchvae::source_of(pixels, scorer.plan().model.input);
  Rcpp::NumericVector errors(source.size());
  sketchvae::RHost host(on_progress);
  scorer.score(source, errors.begin(), host);
  return errors;
}
