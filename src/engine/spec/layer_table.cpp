#include "spec/layer_table.h"

#include <algorithm>

#include "error.h"

namespace sketchvae {
namespace {

void need_rank(const Shape& in, size_t rank, const char* what) {
  if (in.size() == rank) return;
  throw Error(std::string("needs ") + what + ", but gets " + to_string(in));
}

// ---- convolutions

int64_t conv_size(int64_t n, int64_t k, int64_t s, Padding padding) {
  if (padding == Padding::same) return (n + s - 1) / s;
  if (n < k) {
    throw Error("a kernel of " + std::to_string(k) + " does not fit into " + std::to_string(n) +
                " without padding");
  }
  return (n - k) / s + 1;
}

int64_t transpose_size(int64_t n, int64_t k, int64_t s, Padding padding) {
  return padding == Padding::same ? n * s : n * s + std::max<int64_t>(k - s, 0);
}

template <int64_t (*kSize)(int64_t, int64_t, int64_t, Padding)>
Shape conv_shape(const LayerSpec& l, const Shape& in) {
  need_rank(in, 3, "rows x columns x channels");
  if (l.units < 1) throw Error("filters is missing");
  Shape out = {kSize(in[0], l.kernel[0], l.strides[0], l.padding),
               kSize(in[1], l.kernel[1], l.strides[1], l.padding), l.units};
  size_of(out);
  return out;
}

std::vector<ParamSpec> conv_params(const LayerSpec& l, const Shape& in) {
  const int64_t field = l.kernel[0] * l.kernel[1];
  const bool transposed = l.kind == "conv_2d_transpose";
  // Keras stores (h, w, in, out), the transposed one (h, w, out, in), and its Glorot counts the
  // third size as fan in and the fourth as fan out for both.
  const int64_t third = transposed ? l.units : in[2];
  const int64_t fourth = transposed ? in[2] : l.units;
  return {{"kernel", Role::kernel, {l.kernel[0], l.kernel[1], third, fourth}, field * third,
           field * fourth},
          {"bias", Role::bias, {l.units}}};
}

// ---- the others

Shape dense_shape(const LayerSpec& l, const Shape& in) {
  need_rank(in, 1, "a flat input (put flatten() before it)");
  if (l.units < 1) throw Error("units is missing");
  return {l.units};
}

std::vector<ParamSpec> dense_params(const LayerSpec& l, const Shape& in) {
  return {{"kernel", Role::kernel, {in[0], l.units}, in[0], l.units},
          {"bias", Role::bias, {l.units}}};
}

std::vector<ParamSpec> norm_params(const LayerSpec&, const Shape& in) {
  const Shape channels = {in.back()};
  return {{"gamma", Role::gamma, channels},
          {"beta", Role::beta, channels},
          {"moving_mean", Role::moving_mean, channels},
          {"moving_variance", Role::moving_variance, channels}};
}

Shape unchanged(const LayerSpec&, const Shape& in) { return in; }
Shape flat(const LayerSpec&, const Shape& in) { return {size_of(in)}; }

Shape reshaped(const LayerSpec& l, const Shape& in) {
  if (l.target.empty()) throw Error("target_shape is missing");
  if (size_of(l.target) != size_of(in)) {
    throw Error(to_string(in) + " (" + std::to_string(size_of(in)) + " values) does not fit into " +
                to_string(l.target) + " (" + std::to_string(size_of(l.target)) + ")");
  }
  return l.target;
}

std::vector<ParamSpec> none(const LayerSpec&, const Shape&) { return {}; }

const LayerKind kKinds[] = {
    {"conv_2d", "Conv2D", conv_shape<conv_size>, conv_params},
    {"conv_2d_transpose", "Conv2DTranspose", conv_shape<transpose_size>, conv_params},
    {"dense", "Dense", dense_shape, dense_params},
    {"dropout", "Dropout", unchanged, none},
    {"batch_norm", "BatchNormalization", unchanged, norm_params},
    {"flatten", "Flatten", flat, none},
    {"reshape", "Reshape", reshaped, none},
    {"activation", "Activation", unchanged, none},
};

// ---- planning

LayerPlan place(const LayerSpec& layer, const Shape& in, const std::string& where, bool decoder,
                ModelPlan& plan) {
  LayerPlan placed{layer, in, {}, static_cast<int64_t>(plan.params.size()), 0};
  try {
    const LayerKind& kind = layer_kind(layer.kind);
    placed.out = kind.out_shape(layer, in);
    for (ParamSpec& param : kind.params(layer, in)) {
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

const LayerKind& layer_kind(const std::string& kind) {
  std::string known;
  for (const LayerKind& row : kKinds) {
    if (kind == row.kind) return row;
    known += (known.empty() ? "" : ", ") + std::string(row.kind);
  }
  throw Error("'" + kind + "' is not a kind of layer; there are " + known);
}

std::pair<int64_t, int64_t> same_padding(int64_t n, int64_t k, int64_t s) {
  const int64_t total = std::max<int64_t>(((n + s - 1) / s - 1) * s + k - n, 0);
  return {total / 2, total - total / 2};
}

ModelPlan plan_model(const ModelSpec& model) {
  ModelPlan plan;
  plan.model = model;
  const Shape code = place_all(model.encoder, model.input, "encoder", false, plan, plan.encoder);
  if (code.size() != 1) {
    throw Error("encoder: its output, " + to_string(code) + ", must be flat (end with flatten())");
  }
  LayerSpec head;
  head.kind = "dense";
  head.units = model.latent_dim;
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
