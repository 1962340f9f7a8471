// Marshalling for R/latent_hdbscan.R.
#include "latent/hdbscan.h"
#include "rcpp_host.h"
#include "rcpp_latent.h"

// [[Rcpp::export]]
Rcpp::List hdbscan_cpp(Rcpp::NumericMatrix z, double min_pts, int threads,
                       Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const auto found =
      sketchvae::hdbscan(sketchvae::as_points(z), static_cast<int64_t>(min_pts), threads, host);
  Rcpp::IntegerMatrix merge(found.height.size(), 2, found.merge.begin());
  return Rcpp::List::create(
      Rcpp::_["cluster"] = Rcpp::IntegerVector(found.labels.begin(), found.labels.end()),
      Rcpp::_["coredist"] = found.core, Rcpp::_["cluster_scores"] = found.scores,
      Rcpp::_["membership_prob"] = found.membership, Rcpp::_["outlier_scores"] = found.outlier,
      Rcpp::_["merge"] = merge, Rcpp::_["height"] = found.height,
      Rcpp::_["order"] = Rcpp::IntegerVector(found.order.begin(), found.order.end()));
}
