// Marshalling for the readers and writers of drawings: R/load_quickdraw.R, R/load_mnist.R,
// R/read_drawings.R.
#include <Rcpp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/csv.h"
#include "data/idx.h"
#include "data/npy.h"
#include "data/npy_file.h"
#include "data/npy_write.h"
#include "data/strokes.h"
#include "rcpp_host.h"
#include "train/npy_source.h"

namespace {

sketchvae::PictureSize size_of(const Rcpp::NumericVector& size) {
  return {static_cast<int64_t>(size[0]), static_cast<int64_t>(size[1])};
}

// NULL: the file says it.
std::optional<sketchvae::PictureSize> size_if(const Rcpp::Nullable<Rcpp::NumericVector>& size) {
  if (size.isNull()) return {};
  return size_of(size.get());
}

Rcpp::NumericVector to_r(sketchvae::PictureSize size) {
  return {static_cast<double>(size.rows), static_cast<double>(size.cols)};
}

}  // namespace

// How many drawings a file holds, and their rows and columns.
// [[Rcpp::export]]
Rcpp::NumericVector npy_shape_cpp(const std::string& path, const std::string& array,
                                  Rcpp::Nullable<Rcpp::NumericVector> size = R_NilValue) {
  const sketchvae::FileBytes file(path);
  const sketchvae::NpyFile arrays(file, array, size_if(size));
  const sketchvae::PictureSize picture = arrays.picture();
  return {static_cast<double>(arrays.drawings()), static_cast<double>(picture.rows),
          static_cast<double>(picture.cols)};
}

// Length that a file's header promises, of a file that may still be growing.
// [[Rcpp::export]]
double npy_bytes_cpp(const std::string& path) {
  const sketchvae::FileBytes file(path);
  const sketchvae::NpyHeader header = read_npy_header(file);
  drawings_in(file, header);
  return static_cast<double>(npy_bytes(file, header));
}

// The first n drawings of a file, and their labels where the file has any.
// [[Rcpp::export]]
Rcpp::List npy_read_cpp(const std::string& path, const std::string& array,
                        Rcpp::Nullable<Rcpp::NumericVector> size, double n,
                        Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const sketchvae::FileBytes file(path);
  sketchvae::NpyFile arrays(file, array, size_if(size));
  const sketchvae::ByteSource& bytes = arrays.bytes(host);
  const std::vector<double> labels = arrays.labels(host);
  const auto count = static_cast<int64_t>(n);
  const sketchvae::PictureSize picture = arrays.picture();
  Rcpp::RawVector pixels(Rcpp::no_init(count * picture.pixels()));
  read_npy_drawings(bytes, count, pixels.begin(), host, picture);
  return Rcpp::List::create(Rcpp::_["pixels"] = pixels, Rcpp::_["size"] = to_r(picture),
                            Rcpp::_["labels"] = Rcpp::wrap(labels));
}

// Some drawings of a file, by their numbers from 1, in that order.
// [[Rcpp::export]]
Rcpp::RawVector npy_pick_cpp(const std::string& path, const Rcpp::NumericVector& rows,
                             Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const sketchvae::FileBytes file(path);
  sketchvae::NpyFile arrays(file);
  const sketchvae::NpySource source(arrays.bytes(host), host);
  std::vector<int64_t> index(rows.begin(), rows.end());
  for (int64_t& i : index) --i;
  Rcpp::RawVector pixels(Rcpp::no_init(rows.size() * source.pixels()));
  source.read(index.data(), rows.size(), pixels.begin());
  return pixels;
}

// [[Rcpp::export]]
void npy_write_cpp(const Rcpp::RawVector& pixels, const Rcpp::NumericVector& size,
                   const std::string& path, Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const sketchvae::PictureSize picture = size_of(size);
  sketchvae::write_npy_drawings(pixels.begin(), pixels.size() / picture.pixels(), picture, path, host);
}

// [[Rcpp::export]]
Rcpp::List csv_read_cpp(const std::string& path, const std::string& label,
                        Rcpp::Nullable<Rcpp::NumericVector> size,
                        Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const auto read = read_csv_drawings(sketchvae::FileBytes(path), label, size_if(size), host);
  return Rcpp::List::create(Rcpp::_["pixels"] = Rcpp::wrap(read.pixels), Rcpp::_["size"] = to_r(read.size),
                            Rcpp::_["labels"] = Rcpp::wrap(read.labels));
}

// [[Rcpp::export]]
void csv_write_cpp(const Rcpp::RawVector& pixels, const Rcpp::NumericVector& size,
                   const std::string& path, Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const sketchvae::PictureSize picture = size_of(size);
  sketchvae::write_csv_drawings(pixels.begin(), pixels.size() / picture.pixels(), picture, path, host);
}

// [[Rcpp::export]]
double idx_bytes_cpp(const Rcpp::RawVector& start, const std::string& name) {
  const sketchvae::MemoryBytes bytes(name, start.begin(), start.size());
  return static_cast<double>(sketchvae::read_idx_header(bytes).file_bytes);
}

// [[Rcpp::export]]
SEXP idx_read_cpp(const Rcpp::RawVector& content, const std::string& name, bool labels) {
  const sketchvae::MemoryBytes bytes(name, content.begin(), content.size());
  if (labels) return Rcpp::wrap(read_idx_labels(bytes));
  const auto read = read_idx_drawings(bytes);
  return Rcpp::List::create(Rcpp::_["pixels"] = Rcpp::wrap(read.pixels), Rcpp::_["size"] = to_r(read.size));
}

// [[Rcpp::export]]
double physical_memory_cpp() {
  return static_cast<double>(sketchvae::physical_memory());
}
