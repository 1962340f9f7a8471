// Marshalling for R/file_kind.R.
#include <Rcpp.h>

#include <algorithm>
#include <string>

#include "data/bytes.h"

// At most the first n bytes of a plain file.
// [[Rcpp::export]]
Rcpp::RawVector file_start_cpp(const std::string& path, int n) {
  const sketchvae::FileBytes file(path);
  Rcpp::RawVector bytes(std::min<int64_t>(n, file.size()));
  file.read(0, bytes.begin(), bytes.size());
  return bytes;
}
