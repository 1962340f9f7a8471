// Marshalling for R/callback_tensorboard.R.
#include <Rcpp.h>

#include "log/events.h"
#include "rcpp_fit.h"

// Begins an event file.
// [[Rcpp::export]]
void start_events_cpp(std::string path, double wall_time) {
  sketchvae::append_file(path, sketchvae::event_file_start(wall_time));
}

// Adds a step: named numbers, and images as a named list of list(png, width, height).
// [[Rcpp::export]]
void append_events_cpp(std::string path, double wall_time, double step, Rcpp::NumericVector scalars,
                       Rcpp::List images) {
  std::vector<sketchvae::Summary> summaries;
  const Rcpp::CharacterVector tags = scalars.names();
  for (R_xlen_t i = 0; i < scalars.size(); ++i) {
    summaries.push_back({Rcpp::as<std::string>(tags[i]), scalars[i], {}, 0, 0});
  }
  for (R_xlen_t i = 0; i < images.size(); ++i) {
    const Rcpp::List image = images[i];
    const auto png = sketchvae::bytes_of(Rcpp::as<Rcpp::RawVector>(image[0]));
    summaries.push_back({Rcpp::as<std::string>(Rcpp::CharacterVector(images.names())[i]), 0,
                         {png.begin(), png.end()}, Rcpp::as<int>(image[1]), Rcpp::as<int>(image[2])});
  }
  sketchvae::append_file(path, sketchvae::event_record(wall_time, static_cast<int64_t>(step), summaries));
}
