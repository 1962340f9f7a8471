// Marshalling for R/vae_model.R.
#include <Rcpp.h>

#include "cpu.h"
#include "net/plan.h"
#include "rcpp_json.h"
#include "spec/model_plan.h"

namespace {

// Rows of a model's table: one layer each.
void add_rows(const char* part, const std::vector<sketchvae::LayerPlan>& layers,
              const sketchvae::ModelPlan& plan, Rcpp::List& rows) {
  for (const sketchvae::LayerPlan& layer : layers) {
    int64_t params = 0;
    Rcpp::List weights;
    for (int64_t i = 0; i < layer.params; ++i) {
      const sketchvae::ParamSpec& param = plan.params[static_cast<size_t>(layer.first_param + i)];
      params += param.size();
      weights.push_back(Rcpp::NumericVector(param.shape.begin(), param.shape.end()), param.name);
    }
    rows.push_back(Rcpp::List::create(
        Rcpp::_["part"] = part, Rcpp::_["name"] = layer.spec.name,
        Rcpp::_["title"] = sketchvae::layer_kind(layer.spec.kind).title,
        Rcpp::_["shape"] = Rcpp::NumericVector(layer.out.begin(), layer.out.end()),
        Rcpp::_["params"] = static_cast<double>(params), Rcpp::_["weights"] = weights));
  }
}

}  // namespace

// [[Rcpp::export]]
Rcpp::List model_plan_cpp(Rcpp::List model) {
  const auto plan = sketchvae::plan_model(sketchvae::read_model(sketchvae::to_json(model)));
  Rcpp::List rows;
  add_rows("encoder", plan.encoder, plan, rows);
  add_rows("encoder", plan.heads, plan, rows);
  add_rows("decoder", plan.decoder, plan, rows);
  return Rcpp::List::create(Rcpp::_["layers"] = rows,
                            Rcpp::_["total"] = static_cast<double>(plan.total),
                            Rcpp::_["trainable"] = static_cast<double>(plan.trainable),
                            Rcpp::_["decoder"] = static_cast<double>(plan.decoder_total));
}

// The rule for this processor, and what a rule makes of a model.
// [[Rcpp::export]]
std::string best_plan_cpp() { return sketchvae::name_of(sketchvae::best_rule()); }

// [[Rcpp::export]]
Rcpp::List model_ways_cpp(Rcpp::List model, double batch, std::string rule) {
  const auto plan = sketchvae::plan_model(sketchvae::read_model(sketchvae::to_json(model)));
  sketchvae::NetworkOptions options;
  options.plan = sketchvae::read_plan_rule(rule);
  const auto planned = sketchvae::plan_network(plan, options, sketchvae::Dtype::float32);
  std::vector<std::string> ways;
  for (const auto* side : {&planned.encoder, &planned.heads, &planned.decoder}) {
    for (const auto& way : *side) ways.push_back(way.text(static_cast<int64_t>(batch)));
  }
  return Rcpp::List::create(Rcpp::_["ways"] = ways,
                            Rcpp::_["cpu"] = sketchvae::name_of(sketchvae::cpu_level()));
}

// `own`: for a file of ours, where NaN and Inf stay what they are; else strict JSON.
// [[Rcpp::export]]
std::string list_to_json_cpp(SEXP value, bool own = false) {
  using sketchvae::NonFinite;
  return sketchvae::write_json(sketchvae::to_json(value), own ? NonFinite::named : NonFinite::refused);
}

// [[Rcpp::export]]
SEXP json_to_list_cpp(std::string text, bool own = false) {
  using sketchvae::NonFinite;
  return sketchvae::from_json(sketchvae::read_json(text, own ? NonFinite::named : NonFinite::refused));
}
