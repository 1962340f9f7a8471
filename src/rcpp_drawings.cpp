// Between R's arrays and the bytes of drawings.
#include <Rcpp.h>

#include "data/pixels.h"

using sketchvae::ColumnOrder;

namespace {

template <int RTYPE>
Rcpp::RawVector to_pixels(const Rcpp::Vector<RTYPE>& x, bool by_row) {
  sketchvae::ValueRange range;
  range.add(x.begin(), x.size());
  const double factor = range.byte_factor("`x`", /*whole=*/false);
  Rcpp::RawVector out(Rcpp::no_init(x.size()));
  sketchvae::bytes_from_columns(x.begin(), x.size() / sketchvae::kPixels,
                                by_row ? ColumnOrder::kByRow : ColumnOrder::kByColumn, factor,
                                out.begin());
  return out;
}

}  // namespace

// [[Rcpp::export]]
Rcpp::RawVector pixels_from_values_cpp(SEXP x, bool by_row) {
  if (TYPEOF(x) == REALSXP) return to_pixels<REALSXP>(x, by_row);
  return to_pixels<INTSXP>(x, by_row);
}

// [[Rcpp::export]]
Rcpp::NumericVector values_from_pixels_cpp(const Rcpp::RawVector& pixels, bool by_row) {
  Rcpp::NumericVector out(Rcpp::no_init(pixels.size()));
  sketchvae::columns_from_bytes(pixels.begin(), pixels.size() / sketchvae::kPixels,
                                by_row ? ColumnOrder::kByRow : ColumnOrder::kByColumn, out.begin());
  return out;
}
