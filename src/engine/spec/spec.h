// What a model is, as plain data: layers, losses, noise. No tensors here.
// read_model() is the one place that turns the wire form (data/json.h) into a checked ModelSpec;
// layer.h says what a kind of layer is, model_plan.h what follows from a model.
// Tests: tests/cpp/test_spec.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sketchvae {

class Json;
class Layer;

// Sizes of one drawing's activations, batch excluded: {rows, columns, channels} or {units}.
using Shape = std::vector<int64_t>;

// Product of the sizes; throws Error past 2^40 (no such model fits anywhere).
int64_t size_of(const Shape& shape);
// "28 x 28 x 10"
std::string to_string(const Shape& shape);

enum class Activation { linear, relu, tanh, sigmoid, softplus, leaky_relu, elu };

struct LayerSpec {
  std::string kind;  // "conv_2d", "dense", ...: a row of layers/kinds.cpp
  std::string name;  // unique in the model; files and errors use it
  Activation activation = Activation::linear;
  double slope = 0;                    // leaky_relu's negative slope, elu's alpha
  std::shared_ptr<const Layer> layer;  // of that kind, with its options
};

// What a layer's parameter is; decides how it starts and whether the optimizer moves it.
enum class Role { kernel, bias, gamma, beta, moving_mean, moving_variance };

struct ParamSpec {
  std::string name;  // "<layer>/kernel": Keras' names
  Role role = Role::kernel;
  Shape shape;       // Keras' own layout
  int64_t fan_in = 0, fan_out = 0;  // of kernels, as Glorot's initializer counts them
  bool decoder = false;

  bool trainable() const { return role != Role::moving_mean && role != Role::moving_variance; }
  int64_t size() const { return size_of(shape); }
};

enum class Reconstruction { squared_error, binary_crossentropy, bernoulli };

// With mean m and second head s: log_var: -1/2 (1 + s - m^2 - e^s);
// log_sd: 1/2 (e^2s + m^2 - 1 - 2s); log_sd_squared: 1/2 (e^2s + m^2 - 1 + s^2), which is the
// binary post as it was written.
enum class KlForm { log_var, log_sd, log_sd_squared };

enum class Noise { log_sd, log_var };  // z = m + e^s * noise, or m + e^(s/2) * noise

struct LossSpec {
  Reconstruction reconstruction = Reconstruction::squared_error;
  double scale = 1;             // squared_error: times the sum over pixels
  KlForm kl = KlForm::log_var;
  bool kl_mean = false;         // mean over the latent dimensions instead of their sum
  double kl_scale = 1;          // factor inside the reported kl
  double kl_weight = 1;         // the full weight, reached when annealing ends
  double free_bits = 0;         // nats below which a dimension's kl is not charged
  double l2 = 0;                // times the sum of squares of ...
  bool l2_decoder_only = true;  // ... the decoder's trainable parameters, or all
};

struct ModelSpec {
  std::string name;
  Shape input;  // rows, columns, channels
  std::vector<LayerSpec> encoder, decoder;
  int64_t latent_dim = 0;
  LossSpec loss;
  Noise noise = Noise::log_sd;
  std::optional<double> binarize;  // inputs in [0, 1] become 1 above this, else 0
};

// Read and check the wire form. read_model() throws Error naming the layer ("layer 5, dense: ...").
LayerSpec read_layer(const Json& layer);
ModelSpec read_model(const Json& model);

}  // namespace sketchvae
