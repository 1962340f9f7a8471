// Marshalling for R/latent_kmeans.R and R/latent_elbow.R.
#include "latent/kmeans.h"
#include "rcpp_host.h"
#include "rcpp_latent.h"

// [[Rcpp::export]]
Rcpp::List kmeans_cpp(Rcpp::NumericMatrix z, int k, int restarts, double seed, int threads,
                      Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const sketchvae::KmeansOptions options{k, restarts, 300, static_cast<uint64_t>(seed), threads};
  const auto fit = sketchvae::kmeans(sketchvae::as_points(z), options, host);
  Rcpp::NumericMatrix centers(k, z.ncol(), fit.centres.begin());
  return Rcpp::List::create(
      Rcpp::_["cluster"] = Rcpp::IntegerVector(fit.cluster.begin(), fit.cluster.end()),
      Rcpp::_["centers"] = centers, Rcpp::_["withinss"] = fit.withinss,
      Rcpp::_["size"] = Rcpp::IntegerVector(fit.sizes.begin(), fit.sizes.end()),
      Rcpp::_["iter"] = fit.iterations);
}

// [[Rcpp::export]]
std::vector<double> kmeans_elbow_cpp(Rcpp::NumericMatrix z, Rcpp::IntegerVector k, int restarts,
                                     double seed, int threads,
                                     Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const sketchvae::KmeansOptions options{1, restarts, 300, static_cast<uint64_t>(seed), threads};
  return sketchvae::kmeans_elbow(sketchvae::as_points(z), {k.begin(), k.end()}, options, host);
}
