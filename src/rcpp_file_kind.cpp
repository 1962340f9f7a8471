// Marshalling for R/file_kind.R.
#include <Rcpp.h>

#include <algorithm>
#include <string>

#include "data/bytes.h"
#include "data/plain_file.h"

// At most the first n bytes of a plain file.
// [[Rcpp::export]]
Rcpp::RawVector file_start_cpp(const std::string& path, int n) {
  const sketchvae::FileBytes file(path);
  Rcpp::RawVector bytes(std::min<int64_t>(n, file.size()));
  file.read(0, bytes.begin(), bytes.size());
  return bytes;
}

// What a path leads to when that is no plain file; "" otherwise.
// [[Rcpp::export]]
std::string other_than_file_cpp(const std::string& path) {
  return sketchvae::what_else_than_file(path);
}
