// Marshalling for R/latent_dbscan.R and R/latent_dbscan_search.R.
#include "latent/dbscan.h"
#include "latent/search.h"
#include "rcpp_host.h"
#include "rcpp_latent.h"

// [[Rcpp::export]]
Rcpp::List dbscan_cpp(Rcpp::NumericMatrix z, double eps, double min_pts,
                      Rcpp::Nullable<Rcpp::NumericVector> weights, int threads) {
  sketchvae::RHost host;
  sketchvae::DbscanOptions options{eps, min_pts, nullptr, threads};
  if (weights.isNotNull()) options.weights = Rcpp::NumericVector(weights).begin();
  const auto result = sketchvae::dbscan(sketchvae::as_points(z), options, host);
  return Rcpp::List::create(
      Rcpp::_["cluster"] = Rcpp::IntegerVector(result.labels.begin(), result.labels.end()),
      Rcpp::_["core"] = Rcpp::LogicalVector(result.core.begin(), result.core.end()));
}

// [[Rcpp::export]]
Rcpp::IntegerVector dbscan_predict_cpp(Rcpp::NumericMatrix z, Rcpp::IntegerVector cluster,
                                       double eps, Rcpp::NumericMatrix fresh, int threads) {
  sketchvae::RHost host;
  const std::vector<int32_t> labels(cluster.begin(), cluster.end());
  return Rcpp::wrap(sketchvae::dbscan_predict(sketchvae::as_points(z), labels, eps,
                                              sketchvae::as_points(fresh), threads, host));
}

// [[Rcpp::export]]
Rcpp::List dbscan_search_cpp(Rcpp::NumericMatrix z, Rcpp::NumericVector eps,
                             Rcpp::NumericVector min_pts, bool labels, int threads,
                             Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  std::vector<sketchvae::DbscanPair> pairs;
  for (R_xlen_t i = 0; i < eps.size(); ++i) pairs.push_back({eps[i], min_pts[i]});
  Rcpp::IntegerMatrix found(labels ? z.nrow() : 0, labels ? static_cast<int>(pairs.size()) : 0);
  const auto counts = sketchvae::dbscan_search(sketchvae::as_points(z), pairs, threads, host,
                                               labels ? found.begin() : nullptr);
  Rcpp::NumericMatrix result(pairs.size(), 3);
  for (size_t i = 0; i < counts.size(); ++i) {
    result(i, 0) = counts[i].clusters;
    result(i, 1) = counts[i].noise;
    result(i, 2) = counts[i].largest;
  }
  return Rcpp::List::create(Rcpp::_["counts"] = result, Rcpp::_["labels"] = found);
}
