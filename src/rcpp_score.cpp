// Marshalling for R/vae_encode.R, vae_decode.R, mse_anomalies.R and vae_evaluate.R.
#include <Rcpp.h>

#include <memory>

#include "data/npy_file.h"
#include "rcpp_fit.h"
#include "rcpp_json.h"
#include "train/npy_source.h"
#include "train/scorer.h"

namespace {

using Kept = Rcpp::XPtr<std::shared_ptr<sketchvae::Scorer>>;

// `settings`: what scoring_on() of R/devices.R gives. The scorer is of this call alone, or the one that is
// kept.
std::shared_ptr<sketchvae::Scorer> scorer_of(Rcpp::List model, Rcpp::RawVector weights,
                                             Rcpp::List settings) {
  sketchvae::guard();
  sketchvae::NetworkOptions options;
  options.threads = Rcpp::as<int>(settings["threads"]);
  if (settings.containsElementNamed("kept")) {
    const auto scorer = *Rcpp::as<Kept>(settings["kept"]).checked_get();
    scorer->set_threads(options.threads);
    return scorer;
  }
  options.device = sketchvae::read_device(Rcpp::as<std::string>(settings["device"]));
  options.precision = sketchvae::read_precision(Rcpp::as<std::string>(settings["precision"]));
  return std::make_shared<sketchvae::Scorer>(sketchvae::read_model(sketchvae::to_json(model)),
                                             sketchvae::bytes_of(weights), options);
}

// Calls use(source) with drawings of R, or, given a path, with those of a .npy file.
template <typename Use>
auto with_source(SEXP x, sketchvae::Host& host, const Use& use) {
  if (TYPEOF(x) == VECSXP) return use(sketchvae::source_of(x));
  const sketchvae::FileBytes file(Rcpp::as<std::string>(x));
  sketchvae::NpyFile arrays(file);
  const sketchvae::NpySource source(arrays.bytes(host), host);
  return use(source);
}

}  // namespace

// A network that stays in memory, for a fit that is asked for little and often: `kept` of later
// calls' `settings`.
// [[Rcpp::export]]
SEXP keep_scorer_cpp(Rcpp::List model, Rcpp::RawVector weights, Rcpp::List settings) {
  auto kept = std::make_unique<std::shared_ptr<sketchvae::Scorer>>(scorer_of(model, weights, settings));
  return Kept(kept.release());
}

// [[Rcpp::export]]
Rcpp::List encode_cpp(SEXP x, Rcpp::List model, Rcpp::RawVector weights,
                      Rcpp::List settings, Rcpp::Nullable<Rcpp::Function> on_progress) {
  const auto scorer = scorer_of(model, weights, settings);
  sketchvae::RHost host(on_progress);
  return with_source(x, host, [&](const sketchvae::BatchSource& source) {
    const auto n = static_cast<int>(source.size());
    const auto d = static_cast<int>(scorer->plan().model.latent_dim);
    Rcpp::NumericMatrix mean(n, d), log_var(n, d);
    scorer->encode(source, mean.begin(), log_var.begin(), host);
    return Rcpp::List::create(Rcpp::_["mean"] = mean, Rcpp::_["log_var"] = log_var);
  });
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
                               Rcpp::List settings, Rcpp::Nullable<Rcpp::Function> on_progress) {
  const auto scorer = scorer_of(model, weights, settings);
  const int64_t n = z.nrow(), size = sketchvae::size_of(scorer->plan().model.input);
  Rcpp::NumericVector out(n * size);
  sketchvae::RHost host(on_progress);
  scorer->decode(z.begin(), n, out.begin(), host);
  return out;
}

// [[Rcpp::export]]
Rcpp::NumericVector score_cpp(SEXP x, Rcpp::List model, Rcpp::RawVector weights,
                              Rcpp::List settings, Rcpp::Nullable<Rcpp::Function> on_progress) {
  const auto scorer = scorer_of(model, weights, settings);
  sketchvae::RHost host(on_progress);
  return with_source(x, host, [&](const sketchvae::BatchSource& source) {
    Rcpp::NumericVector errors(source.size());
    scorer->score(source, errors.begin(), host);
    return errors;
  });
}

// [[Rcpp::export]]
Rcpp::List evaluate_cpp(Rcpp::List drawings, Rcpp::List model, Rcpp::RawVector weights,
                        Rcpp::List settings, double samples, double seed,
                        Rcpp::Nullable<Rcpp::Function> on_progress) {
  const auto scorer = scorer_of(model, weights, settings);
  const auto source = sketchvae::source_of(drawings);
  sketchvae::RHost host(on_progress);
  const auto found = scorer->evaluate(source, static_cast<int64_t>(samples),
                                     static_cast<uint64_t>(seed), host);
  Rcpp::NumericMatrix kl(static_cast<int>(source.size()),
                         static_cast<int>(scorer->plan().model.latent_dim), found.kl.begin());
  return Rcpp::List::create(Rcpp::_["elbo"] = found.elbo,
                            Rcpp::_["log_likelihood"] = found.log_likelihood, Rcpp::_["kl"] = kl);
}
