// Marshalling for R/latent_dbscan_path.R, R/latent_knn_dist.R, and for predict() of clusterings.
#include <cmath>

#include "latent/knn.h"
#include "latent/nearest.h"
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

// For each row of `fresh` the nearest row of z, from 1 (NA if there is none), and its distance.
// [[Rcpp::export]]
Rcpp::List nearest_cpp(Rcpp::NumericMatrix z, Rcpp::NumericMatrix fresh, int threads) {
  sketchvae::RHost host;
  const auto found = sketchvae::nearest_points(sketchvae::as_points(z), sketchvae::as_points(fresh),
                                               threads, host);
  Rcpp::IntegerVector row(found.row.begin(), found.row.end());
  Rcpp::NumericVector distance(found.distance2.begin(), found.distance2.end());
  for (int& value : row) value = value < 0 ? NA_INTEGER : value + 1;
  for (double& value : distance) value = std::sqrt(value);
  return Rcpp::List::create(Rcpp::_["row"] = row, Rcpp::_["distance"] = distance);
}
