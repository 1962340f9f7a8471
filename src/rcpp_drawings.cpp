// Between R's arrays and the bytes of drawings.
#include <Rcpp.h>

#include "data/pixels.h"

using sketchvae::ColumnOrder;
using sketchvae::PictureSize;

namespace {

PictureSize size_of(const Rcpp::NumericVector& size) {
  return {static_cast<int64_t>(size[0]), static_cast<int64_t>(size[1])};
}

ColumnOrder order_of(bool by_row) { return by_row ? ColumnOrder::kByRow : ColumnOrder::kByColumn; }

template <typename Vector>
Rcpp::RawVector to_pixels(const Vector& x, PictureSize size, bool by_row) {
  sketchvae::ValueRange range;
  range.add(x.begin(), x.size());
  const double factor = range.byte_factor("`x`");
  Rcpp::RawVector out(Rcpp::no_init(x.size()));
  sketchvae::bytes_from_columns(x.begin(), x.size() / size.pixels(), size, order_of(by_row), factor,
                                out.begin());
  return out;
}

}  // namespace

// [[Rcpp::export]]
Rcpp::RawVector pixels_from_values_cpp(SEXP x, const Rcpp::NumericVector& size, bool by_row) {
  switch (TYPEOF(x)) {
    case REALSXP:
      return to_pixels(Rcpp::NumericVector(x), size_of(size), by_row);
    case RAWSXP:
      return to_pixels(Rcpp::RawVector(x), size_of(size), by_row);
    default:
      return to_pixels(Rcpp::IntegerVector(x), size_of(size), by_row);
  }
}

// [[Rcpp::export]]
Rcpp::NumericVector values_from_pixels_cpp(const Rcpp::RawVector& pixels,
                                           const Rcpp::NumericVector& size, bool by_row) {
  const PictureSize picture = size_of(size);
  Rcpp::NumericVector out(Rcpp::no_init(pixels.size()));
  sketchvae::columns_from_bytes(pixels.begin(), pixels.size() / picture.pixels(), picture,
                                order_of(by_row), out.begin());
  return out;
}
