// Marshalling for R/latent_dbscan_path.R and R/latent_knn_dist.R.
#include "latent/knn.h"
#include "latent/path.h"
#include "rcpp_host.h"
#include "rcpp_latent.h"

// [[Rcpp::export]]
Rcpp::List dbscan_path_cpp(Rcpp::NumericMatrix z, double min_pts, int threads,
                           Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const auto path =
      sketchvae::dbscan_path(sketchvae::as_points(z), static_cast<int64_t>(min_pts), threads, host);
  return Rcpp::List::create(Rcpp::_["core"] = path.core, Rcpp::_["tree"] = path.tree,
                            Rcpp::_["joins"] = path.joins);
}

// [[Rcpp::export]]
std::vector<double> knn_distances_cpp(Rcpp::NumericMatrix z, double k, int threads,
                                      Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  return sketchvae::knn_distances(sketchvae::as_points(z), static_cast<int64_t>(k), threads, host);
}
