// Marshalling for R/vae_model.R.
#include <Rcpp.h>

#include "rcpp_json.h"
#include "spec/layer_table.h"

namespace {

// Columns of a model's table, a row a layer.
struct Table {
  std::vector<std::string> part, name, title;
  Rcpp::List shape;
  std::vector<double> params;

  void add(const char* side, const std::vector<sketchvae::LayerPlan>& layers,
           const sketchvae::ModelPlan& plan) {
    for (const sketchvae::LayerPlan& layer : layers) {
      part.emplace_back(side);
      name.push_back(layer.spec.name);
      title.emplace_back(sketchvae::layer_kind(layer.spec.kind).title);
      shape.push_back(Rcpp::NumericVector(layer.out.begin(), layer.out.end()));
      params.push_back(0);
      for (int64_t i = 0; i < layer.params; ++i) {
        params.back() +=
            static_cast<double>(plan.params[static_cast<size_t>(layer.first_param + i)].size());
      }
    }
  }
};

}  // namespace

// [[Rcpp::export]]
Rcpp::List model_plan_cpp(Rcpp::List model) {
  const auto plan = sketchvae::plan_model(sketchvae::read_model(sketchvae::to_json(model)));
  Table table;
  table.add("encoder", plan.encoder, plan);
  table.add("encoder", plan.heads, plan);
  table.add("decoder", plan.decoder, plan);
  return Rcpp::List::create(
      Rcpp::_["part"] = table.part, Rcpp::_["name"] = table.name, Rcpp::_["title"] = table.title,
      Rcpp::_["shape"] = table.shape, Rcpp::_["params"] = table.params,
      Rcpp::_["total"] = static_cast<double>(plan.total),
      Rcpp::_["trainable"] = static_cast<double>(plan.trainable),
      Rcpp::_["decoder_total"] = static_cast<double>(plan.decoder_total));
}

// [[Rcpp::export]]
std::string list_to_json_cpp(SEXP value) {
  return sketchvae::write_json(sketchvae::to_json(value));
}

// [[Rcpp::export]]
SEXP json_to_list_cpp(std::string text) {
  return sketchvae::from_json(sketchvae::read_json(text));
}
