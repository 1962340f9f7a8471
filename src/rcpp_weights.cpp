// Marshalling for R/save_vae.R and R/vae_weights.R.
#include <Rcpp.h>

#include <algorithm>

#include "data/files.h"
#include "data/safetensors.h"
#include "data/sealed.h"
#include "error.h"
#include "rcpp_fit.h"
#include "rcpp_json.h"
#include "spec/model_plan.h"

namespace {

Rcpp::List meta_list(const sketchvae::Metadata& metadata) {
  Rcpp::List meta;
  for (const auto& [key, value] : metadata) meta[key] = value;
  return meta;
}

}  // namespace

// [[Rcpp::export]]
void save_weights_cpp(Rcpp::RawVector weights, std::vector<std::string> keys,
                      std::vector<std::string> values, std::string path) {
  const auto content = sketchvae::read_safetensors(sketchvae::bytes_of(weights));
  std::vector<std::pair<std::string, std::string>> meta;
  for (size_t i = 0; i < keys.size(); ++i) meta.emplace_back(keys[i], values[i]);
  sketchvae::write_file(path, sketchvae::write_safetensors(content.tensors, meta));
}

// A file's metadata and the names of its tensors; no tensor is read.
// [[Rcpp::export]]
Rcpp::List weights_header_cpp(const std::string& path) {
  const auto header = read_safetensors_header(sketchvae::FileBytes(path));
  std::vector<std::string> names;
  for (const auto& tensor : header.tensors) names.push_back(tensor.name);
  return Rcpp::List::create(Rcpp::_["meta"] = meta_list(header.metadata), Rcpp::_["names"] = names);
}

// A model's parameters in a file, as `$weights` holds them.
// [[Rcpp::export]]
Rcpp::RawVector load_weights_cpp(const std::string& path, const Rcpp::List& model) {
  const auto plan = sketchvae::plan_model(sketchvae::read_model(sketchvae::to_json(model)));
  const sketchvae::FileBytes file(path);
  return sketchvae::raw_of(load_weights(file, read_safetensors_header(file), plan.params));
}

// A model's parameters, as `$weights` holds them, from the block of values that a checkpoint has (params/arena.h).
// [[Rcpp::export]]
Rcpp::RawVector weights_of_block_cpp(const Rcpp::RawVector& block, const Rcpp::List& model,
                                     bool is_double) {
  const auto plan = sketchvae::plan_model(sketchvae::read_model(sketchvae::to_json(model)));
  const auto dtype = is_double ? sketchvae::Dtype::float64 : sketchvae::Dtype::float32;
  sketchvae::Arena arena(plan.params, dtype, 0);
  const auto values = arena.values();
  const auto bytes = sketchvae::bytes_of(block);
  if (bytes.size() < values.size()) {
    throw sketchvae::Error("the checkpoint is smaller than its model");
  }
  std::copy_n(bytes.begin(), values.size(), values.begin());
  return sketchvae::raw_of(write_weights(arena, {}));
}

// Throws unless the weights hold exactly the model's parameters.
// [[Rcpp::export]]
void check_weights_cpp(Rcpp::List model, Rcpp::RawVector weights) {
  const auto plan = sketchvae::plan_model(sketchvae::read_model(sketchvae::to_json(model)));
  sketchvae::Arena arena(plan.params, sketchvae::Dtype::float32, 0);
  sketchvae::read_weights(arena, sketchvae::bytes_of(weights));
}

// Named list of list(values in file order, shape).
// [[Rcpp::export]]
Rcpp::List weights_to_list_cpp(Rcpp::RawVector weights) {
  const auto content = sketchvae::read_safetensors(sketchvae::bytes_of(weights));
  Rcpp::List all(content.tensors.size());
  std::vector<std::string> names;
  for (size_t i = 0; i < content.tensors.size(); ++i) {
    const auto& tensor = content.tensors[i];
    names.push_back(tensor.name);
    all[i] = Rcpp::List::create(sketchvae::tensor_values(tensor),
                                Rcpp::NumericVector(tensor.shape.begin(), tensor.shape.end()));
  }
  all.names() = names;
  return all;
}

// The inverse: values in file order, as float32 or float64.
// [[Rcpp::export]]
Rcpp::RawVector list_to_weights_cpp(std::vector<std::string> names, Rcpp::List values,
                                    Rcpp::List shapes, bool is_double) {
  std::vector<std::vector<std::byte>> bytes;
  std::vector<sketchvae::TensorView> tensors;
  for (size_t i = 0; i < names.size(); ++i) {
    bytes.push_back(sketchvae::tensor_bytes(Rcpp::as<std::vector<double>>(values[i]), is_double));
  }
  for (size_t i = 0; i < names.size(); ++i) {
    tensors.push_back({names[i], is_double ? "F64" : "F32",
                       Rcpp::as<std::vector<int64_t>>(shapes[i]), bytes[i]});
  }
  return sketchvae::raw_of(sketchvae::write_safetensors(tensors, {}));
}

// Named raw vectors and metadata as one sealed file.
// [[Rcpp::export]]
void save_bytes_cpp(Rcpp::List bytes, std::vector<std::string> keys,
                    std::vector<std::string> values, std::string path) {
  const auto names = Rcpp::as<std::vector<std::string>>(bytes.names());
  std::vector<sketchvae::TensorView> tensors;
  for (size_t i = 0; i < names.size(); ++i) {
    const Rcpp::RawVector raw = bytes[i];
    tensors.push_back({names[i], "U8", {raw.size()}, sketchvae::bytes_of(raw)});
  }
  std::vector<std::pair<std::string, std::string>> meta;
  for (size_t i = 0; i < keys.size(); ++i) meta.emplace_back(keys[i], values[i]);
  sketchvae::write_file(path, sketchvae::write_sealed(std::move(tensors), meta));
}

// Files of earlier versions had no seal.
// [[Rcpp::export]]
Rcpp::List load_bytes_cpp(std::string path) {
  const auto file = sketchvae::read_file(path);
  const auto content = sketchvae::read_safetensors(file);
  if (content.find("checksum") && !sketchvae::seal_holds(file)) {
    throw sketchvae::Error("its checksum is wrong");
  }
  Rcpp::List bytes;
  for (const auto& tensor : content.tensors) {
    const auto* first = reinterpret_cast<const Rbyte*>(tensor.bytes.data());
    bytes[tensor.name] = Rcpp::RawVector(first, first + tensor.bytes.size());
  }
  return Rcpp::List::create(Rcpp::_["meta"] = meta_list(content.metadata), Rcpp::_["bytes"] = bytes);
}
