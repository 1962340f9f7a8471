#include "spec/model_plan.h"

#include "data/json.h"
#include "error.h"

namespace sketchvae {
namespace {

LayerPlan place(const LayerSpec& layer, const Shape& in, const std::string& where, bool decoder,
                ModelPlan& plan) {
  LayerPlan placed{layer, in, {}, static_cast<int64_t>(plan.params.size()), 0,
                   plan.masks.size()};
  try {
    placed.out = layer.layer->out_shape(in);
    size_of(placed.out);  // throws where it is too large
    if (const auto rate = layer.layer->dropped()) plan.masks.push_back({size_of(in), *rate});
    for (ParamSpec& param : layer.layer->params(in)) {
      param.name = layer.name + "/" + param.name;
      param.decoder = decoder;
      plan.total += param.size();
      if (param.trainable()) plan.trainable += param.size();
      if (decoder) plan.decoder_total += param.size();
      plan.params.push_back(std::move(param));
      ++placed.params;
    }
  } catch (const Error& error) {
    throw Error(where + ", " + layer.kind + ": " + error.what());
  }
  return placed;
}

Shape place_all(const std::vector<LayerSpec>& layers, Shape shape, const std::string& side,
                bool decoder, ModelPlan& plan, std::vector<LayerPlan>& placed) {
  for (size_t i = 0; i < layers.size(); ++i) {
    placed.push_back(
        place(layers[i], shape, side + " layer " + std::to_string(i + 1), decoder, plan));
    shape = placed.back().out;
  }
  return shape;
}

}  // namespace

ModelPlan plan_model(const ModelSpec& model) {
  ModelPlan plan;
  plan.model = model;
  const Shape code = place_all(model.encoder, model.input, "encoder", false, plan, plan.encoder);
  if (code.size() != 1) {
    throw Error("encoder: its output, " + to_string(code) + ", must be flat (end with flatten())");
  }
  LayerSpec head = read_layer(Json::Object{{"kind", "dense"}, {"units", model.latent_dim}});
  for (const char* name : {"z_mean", "z_log_var"}) {
    head.name = name;
    plan.heads.push_back(place(head, code, name, false, plan));
  }
  const Shape out =
      place_all(model.decoder, {model.latent_dim}, "decoder", true, plan, plan.decoder);
  if (size_of(out) != size_of(model.input) || (out.size() != 1 && out != model.input)) {
    throw Error("decoder: its output, " + to_string(out) + ", is not a drawing of " +
                to_string(model.input));
  }
  if (model.loss.reconstruction != Reconstruction::squared_error) {
    const bool sigmoid = !plan.decoder.empty() &&
                         plan.decoder.back().spec.activation == Activation::sigmoid;
    if (!sigmoid) {
      throw Error("decoder: binary_crossentropy and bernoulli need a last layer with sigmoid");
    }
  }
  return plan;
}

}  // namespace sketchvae
