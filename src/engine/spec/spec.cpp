#include "spec/spec.h"

#include <map>
#include <set>
#include <utility>

#include "spec/layer.h"
#include "spec/options.h"

namespace sketchvae {
namespace {

// Layers of one side; names are given as Keras does: dense, dense_1, dense_2 over the whole model.
std::vector<LayerSpec> read_layers(const Json& layers, const char* side,
                                   std::map<std::string, int>& used) {
  std::vector<LayerSpec> read;
  int64_t number = 0;
  for (const Json& json : layers.array(side)) {
    ++number;
    try {
      LayerSpec layer = read_layer(json);
      if (layer.name.empty()) {
        const int before = used[layer.kind]++;
        layer.name = before == 0 ? layer.kind : layer.kind + "_" + std::to_string(before);
      }
      read.push_back(std::move(layer));
    } catch (const Error& error) {
      const Json* kind = json.is_object() ? json.find("kind") : nullptr;
      throw Error(std::string(side) + " layer " + std::to_string(number) +
                  (kind && kind->is_string() ? ", " + kind->string() : "") + ": " + error.what());
    }
  }
  return read;
}

LossSpec read_loss(const Json& model) {
  LossSpec loss;
  const Json& rec = model.at("reconstruction");
  loss.reconstruction =
      one_of<Reconstruction>(rec.at("kind"),
                             {{"squared_error", Reconstruction::squared_error},
                              {"binary_crossentropy", Reconstruction::binary_crossentropy},
                              {"bernoulli", Reconstruction::bernoulli}},
                             "reconstruction");
  if (const Json* scale = rec.find("scale"); scale && !scale->is_null()) {
    loss.scale = number_in(*scale, "reconstruction scale", 0, 1e12);
  }
  const Json& kl = model.at("kl");
  loss.kl = one_of<KlForm>(kl.at("form"),
                           {{"log_var", KlForm::log_var},
                            {"log_sd", KlForm::log_sd},
                            {"log_sd_squared", KlForm::log_sd_squared}},
                           "kl form");
  loss.kl_mean =
      one_of<bool>(kl.at("reduction"), {{"mean", true}, {"sum", false}}, "kl reduction");
  loss.kl_scale = number_in(kl.at("scale"), "kl scale", 0, 1e12);
  loss.kl_weight = number_in(kl.at("weight"), "kl weight", 0, 1e12);
  if (const Json* bits = kl.find("free_bits"); bits && !bits->is_null()) {
    loss.free_bits = number_in(*bits, "kl free_bits", 0, 1e6);
  }
  if (const Json* reg = model.find("regularizer"); reg && !reg->is_null()) {
    loss.l2 = number_in(reg->at("l2"), "regularizer l2", 0, 1e12);
    loss.l2_decoder_only = one_of<bool>(reg->at("on"), {{"decoder", true}, {"all", false}},
                                        "regularizer on");
  }
  return loss;
}

}  // namespace

int64_t size_of(const Shape& shape) {
  int64_t size = 1;
  for (const int64_t n : shape) {
    if (n < 0 || (n > 0 && size > (int64_t{1} << 40) / n)) throw Error("the layer is too large");
    size *= n;
  }
  return size;
}

std::string to_string(const Shape& shape) {
  std::string text;
  for (const int64_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text;
}

LayerSpec read_layer(const Json& json) {
  Options options(json);
  LayerSpec layer;
  options.find("kind");
  layer.kind = json.at("kind").string("kind");
  const LayerKind& kind = layer_kind(layer.kind);
  if (const Json* name = options.find("name")) layer.name = name->string();
  if (layer.name.find('/') != std::string::npos) throw Error("a name must not contain '/'");
  layer.activation = options.one_of<Activation>("activation", {{"linear", Activation::linear},
                                                               {"relu", Activation::relu},
                                                               {"tanh", Activation::tanh},
                                                               {"sigmoid", Activation::sigmoid},
                                                               {"softplus", Activation::softplus},
                                                               {"leaky_relu", Activation::leaky_relu},
                                                               {"elu", Activation::elu}});
  // Keras 3's defaults.
  const double slope = layer.activation == Activation::leaky_relu ? 0.2 : 1;
  layer.slope = options.number("slope", slope, 0, 1e6);
  layer.layer = kind.read(options);
  options.finish();
  return layer;
}

ModelSpec read_model(const Json& json) {
  ModelSpec model;
  if (const Json* name = json.find("name"); name && !name->is_null()) model.name = name->string();
  model.input = shape_of(json.at("input"), "input");
  if (model.input.size() == 2) model.input.push_back(1);
  if (model.input.size() != 3) throw Error("input must be rows, columns and channels");
  model.latent_dim = count(json.at("latent_dim"), "latent_dim");
  std::map<std::string, int> used;
  model.encoder = read_layers(json.at("encoder"), "encoder", used);
  model.decoder = read_layers(json.at("decoder"), "decoder", used);
  std::set<std::string> names = {"z_mean", "z_log_var"};
  for (const auto* side : {&model.encoder, &model.decoder}) {
    for (const LayerSpec& layer : *side) {
      if (!names.insert(layer.name).second) {
        throw Error("two layers are named '" + layer.name + "'");
      }
    }
  }
  model.loss = read_loss(json);
  model.noise = one_of<Noise>(json.at("noise"),
                              {{"log_sd", Noise::log_sd}, {"log_var", Noise::log_var}}, "noise");
  if (const Json* cut = json.find("binarize"); cut && !cut->is_null()) {
    model.binarize = number_in(*cut, "binarize", 0, 1);
  }
  return model;
}

}  // namespace sketchvae
