#include "net/network.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <optional>

#include "cuda/sweep.h"
#include "error.h"
#include "net/layers.h"
#include "net/losses.h"
#include "net/native_ops.h"
#include "net/torch_error.h"

namespace sketchvae {
namespace {

using at::Tensor;

// LibTorch's number of threads for the length of one call.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : before_(at::get_num_threads()) {
    if (threads != before_) at::set_num_threads(threads);
  }
  ~ThreadScope() {
    if (at::get_num_threads() != before_) at::set_num_threads(before_);
  }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

// How a GPU is to compute, for the length of one call. LibTorch's own default for convolutions is
// tf32, and it is its user's: what was set before is set again.
class PrecisionScope {
 public:
  explicit PrecisionScope(const NetworkOptions& options) : used_(options.device == Device::cuda) {
    if (!used_) return;
    auto& context = at::globalContext();
    products_ = context.allowTF32CuBLAS();
    convolutions_ = context.allowTF32CuDNN();
    benchmark_ = context.benchmarkCuDNN();
    set(options.precision != Precision::float32, options.precision != Precision::float32, true);
  }
  ~PrecisionScope() {
    if (used_) set(products_, convolutions_, benchmark_);
  }
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  static void set(bool products, bool convolutions, bool benchmark) {
    auto& context = at::globalContext();
    context.setAllowTF32CuBLAS(products);
    context.setAllowTF32CuDNN(convolutions);
    context.setBenchmarkCuDNN(benchmark);
  }
  bool used_, products_ = false, convolutions_ = false, benchmark_ = false;
};

// Layers in bf16 while it lasts, when that is asked for: convolutions and products of matrices take
// and give bf16, their parameters stay float32.
class AutocastScope {
 public:
  explicit AutocastScope(const NetworkOptions& options)
      : used_(options.device == Device::cuda && options.precision == Precision::bf16) {
    if (!used_) return;
    cache_ = at::autocast::is_autocast_cache_enabled();
    // A cached cast would be a tensor of one step that a captured graph uses in all others.
    at::autocast::set_autocast_cache_enabled(false);
    at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCUDA, true);
  }
  ~AutocastScope() {
    if (!used_) return;
    at::autocast::set_autocast_enabled(at::kCUDA, false);
    at::autocast::set_autocast_cache_enabled(cache_);
  }
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  bool used_, cache_ = false;
};

template <typename Call>
auto guarded(const NetworkOptions& options, Call call) {
  try {
    const ThreadScope scope(options.threads);
    const PrecisionScope precision(options);
    return call();
  } catch (const c10::Error&) {
    rethrow_torch();
  } catch (const std::bad_alloc&) {
    rethrow_torch();
  }
}

}  // namespace

struct Network::Impl {
  // Where a wide dense layer leaves the two factors of its kernel's gradient, G = a'b.
  struct Factors {
    Tensor a, b;
    WideBuffers buffers;
  };

  const ModelPlan& plan;
  Arena& arena;
  NetworkOptions options;
  at::ScalarType type;
  at::Device device;
  Tensor block;                  // on a GPU: the copy of the arena
  bool ahead = false;            // the copy has moved on from the arena
  std::vector<Tensor> params;    // views of the arena
  std::vector<Tensor> leaves;    // the trainable ones, in order, and ...
  std::vector<int64_t> leaf_of;  // ... which parameter each is
  std::vector<Factors> factors;  // per parameter, filled by backward
  std::vector<Tensor> gradients; // per parameter, undefined where factored or untrainable
  struct Moments {
    int64_t first_param;
    double momentum;
    Tensor mean, variance;
  };
  std::vector<Moments> moments;
  std::vector<double> l2;
  std::vector<ConvScratch> scratch;                  // one for each thread
  std::map<const LayerPlan*, NativeChain> chains;    // by the layer they begin with

  Impl(const ModelPlan& plan_, Arena& arena_, const NetworkOptions& options_)
      : plan(plan_),
        arena(arena_),
        options(options_),
        type(arena_.dtype() == Dtype::float32 ? at::kFloat : at::kDouble),
        device(options_.device == Device::cuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU)),
        factors(plan_.params.size()),
        gradients(plan_.params.size()) {
    require_device(options.device);
    if (options.device == Device::cuda) {
      const auto bytes = static_cast<int64_t>(arena.all().size());
      block = at::empty({bytes}, at::TensorOptions(device).dtype(at::kByte));
      upload();
    }
    for (size_t i = 0; i < plan.params.size(); ++i) {
      const ParamSpec& spec = plan.params[i];
      Tensor view = at::from_blob(here(arena.value(static_cast<int64_t>(i))), spec.shape,
                                  at::TensorOptions(device).dtype(type));
      if (spec.trainable()) {
        view.set_requires_grad(true);
        leaves.push_back(view);
        leaf_of.push_back(static_cast<int64_t>(i));
      }
      params.push_back(std::move(view));
      const LossSpec& loss = plan.model.loss;
      l2.push_back(spec.trainable() && (spec.decoder || !loss.l2_decoder_only) ? loss.l2 : 0);
    }
    plan_native();
  }

  void plan_native() {
    if (!takes_native(options, arena.dtype())) return;
    scratch.resize(static_cast<size_t>(options.threads));
    for (const auto* side : {&plan.encoder, &plan.decoder}) {
      for (size_t i = 0; i < side->size(); ++i) {
        if (auto chain = native_chain(*side, i, scratch)) {
          const size_t more = chain->first_param.size() - 1;
          chains.emplace(&(*side)[i], std::move(*chain));
          i += more;
        }
      }
    }
  }

  // ---- the arena's copy on a GPU

  // Where a place of the arena is on the device.
  void* here(void* place) const {
    if (!block.defined()) return place;
    return static_cast<std::byte*>(block.data_ptr()) +
           (static_cast<std::byte*>(place) - arena.all().data());
  }

  Tensor whole_arena() const {
    const auto all = arena.all();
    return at::from_blob(all.data(), {static_cast<int64_t>(all.size())}, at::kByte);
  }

  void upload() {
    if (block.defined()) block.copy_(whole_arena());
    ahead = false;
  }

  void download() {
    if (block.defined() && ahead) whole_arena().copy_(block);
    ahead = false;
  }

  // ---- pieces of a pass

  Tensor input(const uint8_t* pixels, int64_t batch) const {
    std::vector<int64_t> sizes = {batch};
    sizes.insert(sizes.end(), plan.model.input.begin(), plan.model.input.end());
    // from_blob wants a mutable pointer; nothing writes to it.
    const Tensor bytes = at::from_blob(const_cast<uint8_t*>(pixels), sizes, at::kByte);
    Tensor x = bytes.to(device).to(type).div_(255);
    if (plan.model.binarize) x = x.gt(*plan.model.binarize).to(type);
    return x;
  }

  Tensor matrix(const float* values, int64_t rows, int64_t columns) const {
    return at::from_blob(const_cast<float*>(values), {rows, columns}, at::kFloat)
        .to(device, type);
  }

  Tensor dense(const LayerPlan& l, const Tensor& x, bool activate) {
    const auto p = static_cast<size_t>(l.first_param);
    const Activation activation = activate ? l.spec.activation : Activation::linear;
    if (takes_native(options, arena.dtype()) && takes_wide_dense(plan.params[p], x.size(0))) {
      const bool relu = activation == Activation::relu;
      const Tensor y = wide_dense(x, params[p], params[p + 1], relu, &factors[p].a, &factors[p].b,
                                  &factors[p].buffers, options.threads);
      return relu ? y : activated(y, activation, l.spec.slope);
    }
    return activated(at::addmm(params[p + 1], x, params[p]), activation, l.spec.slope);
  }

  ForwardContext context(bool training, const std::vector<Tensor>* masks, size_t* next_mask) {
    ForwardContext c;
    c.training = training;
    c.dense = [this](const LayerPlan& l, const Tensor& x, bool activate) {
      return dense(l, x, activate);
    };
    if (training) {
      c.mask = [masks, next_mask](const LayerPlan&) { return masks->at((*next_mask)++); };
      c.moments = [this](const LayerPlan& l, const Tensor& mean, const Tensor& variance) {
        moments.push_back({l.first_param, l.spec.momentum, mean.detach(), variance.detach()});
      };
    }
    return c;
  }

  Tensor run(const std::vector<LayerPlan>& layers, Tensor x, const ForwardContext& c,
             bool activate_last = true) const {
    const AutocastScope autocast(options);
    for (size_t i = 0; i < layers.size(); ++i) {
      const auto found = chains.find(&layers[i]);
      if (found == chains.end()) {
        x = forward_layer(layers[i], x, params, c, activate_last || i + 1 < layers.size());
        continue;
      }
      const NativeChain& chain = found->second;
      x = run_chain(x, params, chain, c.training);
      i += chain.first_param.size() - 1;
      if (activate_last || i + 1 < layers.size()) x = activated(x, chain.activation, chain.slope);
    }
    return x;
  }

  std::pair<Tensor, Tensor> heads(const Tensor& code, const ForwardContext& c) const {
    const AutocastScope autocast(options);
    return {forward_layer(plan.heads[0], code, params, c, true).to(type),
            forward_layer(plan.heads[1], code, params, c, true).to(type)};
  }

  bool from_logits() const {
    return plan.model.loss.reconstruction == Reconstruction::bernoulli;
  }

  Tensor regularization() const {
    Tensor sum = at::zeros({}, at::TensorOptions(device).dtype(at::kDouble));
    for (size_t i = 0; i < params.size(); ++i) {
      if (l2[i] > 0) sum = sum + params[i].detach().square().sum().to(at::kDouble) * l2[i];
    }
    return sum;
  }

  Losses losses(const Tensor& rec, const Tensor& kl, double kl_weight) const {
    Losses result;
    result.reconstruction = rec.item<double>();
    result.kl = kl.item<double>();
    result.regularization = plan.model.loss.l2 == 0 ? 0 : regularization().item<double>();
    result.loss = result.reconstruction + kl_weight * result.kl + result.regularization;
    return result;
  }

  // ---- whole passes

  // Reconstruction and kl; keeps gradients and moments.
  std::pair<Tensor, Tensor> pass(const Tensor& x, const Tensor& noise,
                                 const std::vector<Tensor>& masks, const Tensor& kl_weight) {
    const at::AutoGradMode grad(true);
    moments.clear();
    for (Factors& f : factors) f.a = f.b = Tensor();
    size_t next_mask = 0;
    const ForwardContext c = context(true, &masks, &next_mask);
    const auto [mean, log_var] = heads(run(plan.encoder, x, c), c);
    const Tensor z = sample_code(plan.model.noise, mean, log_var, noise);
    const Tensor y = run(plan.decoder, z, c, !from_logits());
    const Tensor rec = reconstruction_loss(plan.model.loss, x, y);
    const Tensor kl = divergence(plan.model.loss, mean, log_var);
    const auto grads = torch::autograd::grad({rec + kl * kl_weight}, leaves, {}, std::nullopt,
                                             false, /*allow_unused=*/true);
    std::fill(gradients.begin(), gradients.end(), Tensor());
    for (size_t i = 0; i < grads.size(); ++i) {
      if (grads[i].defined()) {
        gradients[static_cast<size_t>(leaf_of[i])] = grads[i].contiguous();
      }
    }
    return {rec.detach(), kl.detach()};
  }

  Losses backward(const uint8_t* pixels, int64_t batch, double kl_weight, const Draws& draws) {
    std::vector<Tensor> masks;
    for (const auto& mask : draws.masks) {
      masks.push_back(matrix(mask.data(), batch, static_cast<int64_t>(mask.size()) / batch));
    }
    const Tensor noise = matrix(draws.noise.data(), batch, plan.model.latent_dim);
    const auto [rec, kl] =
        pass(input(pixels, batch), noise, masks, at::scalar_tensor(kl_weight, noise.options()));
    return losses(rec, kl, kl_weight);
  }

  void move_averages() {
    for (const Moments& m : moments) {
      const auto p = static_cast<size_t>(m.first_param);
      params[p + 2].mul_(m.momentum).add_(m.mean.flatten(), 1 - m.momentum);
      params[p + 3].mul_(m.momentum).add_(m.variance.flatten(), 1 - m.momentum);
    }
    moments.clear();
  }

  // The gradient of parameter i, dense; undefined where it has none.
  Tensor dense_gradient(size_t i) const {
    return factors[i].a.defined() ? at::mm(factors[i].a.t(), factors[i].b) : gradients[i];
  }

  // Clipping by the global norm, as one number on the device.
  Tensor clip_factor(double clipnorm) const {
    Tensor sum = at::zeros({}, at::TensorOptions(device).dtype(at::kDouble));
    for (size_t i = 0; i < params.size(); ++i) {
      Tensor g = dense_gradient(i);
      if (!g.defined()) continue;
      if (l2[i] > 0) g = g + params[i].detach() * (2 * l2[i]);
      sum = sum + g.square().sum().to(at::kDouble);
    }
    return (clipnorm / sum.sqrt()).clamp_max(1);
  }

  // update() by the multi-tensor kernel, or on the CPU by its twin.
  void sweep(const OptimizerSpec& spec, const StepRow* rows, const int64_t* step) {
    const at::NoGradGuard no_grad;
    MultiSweep job;
    set_rule(job, spec);
    job.is_double = type == at::kDouble;
    job.rows = rows;
    job.step = step;
    Tensor factor;
    if (spec.clipnorm > 0) {
      factor = clip_factor(spec.clipnorm);
      job.factor = factor.const_data_ptr<double>();
    }
    const auto flush = [&] {
      if (device.is_cpu()) {
        sweep_on_host(job);
      } else {
        sweep_on_device(job, current_stream(Device::cuda));
      }
      job.tasks = 0;
    };
    std::vector<Tensor> kept;
    for (size_t i = 0; i < params.size(); ++i) {
      const Tensor g = dense_gradient(i);
      if (!g.defined()) continue;
      kept.push_back(g);
      const auto k = static_cast<int64_t>(i);
      job.task[job.tasks++] = {here(arena.value(k)),
                               arena.slots() > 0 ? here(arena.slot(k, 0)) : nullptr,
                               arena.slots() > 1 ? here(arena.slot(k, 1)) : nullptr,
                               g.const_data_ptr(), g.numel(), 2 * l2[i]};
      if (job.tasks == kSweepTasks) flush();
    }
    if (job.tasks > 0) flush();
    move_averages();
    ahead = true;
  }

  void update(const OptimizerSpec& optimizer, double learning_rate, int64_t step) {
    const at::NoGradGuard no_grad;
    if (!device.is_cpu()) {
      const StepRow row{0, corrected_rate(optimizer, learning_rate, step),
                        learning_rate * optimizer.weight_decay, 0, 0};
      const Tensor rows = at::from_blob(const_cast<StepRow*>(&row), {sizeof row}, at::kByte)
                              .to(device);
      const Tensor number = at::zeros({1}, at::TensorOptions(device).dtype(at::kLong));
      return sweep(optimizer, static_cast<const StepRow*>(rows.const_data_ptr()),
                   number.const_data_ptr<int64_t>());
    }
    std::vector<Gradient> given(plan.params.size());
    for (size_t i = 0; i < given.size(); ++i) {
      if (factors[i].a.defined()) {
        given[i] = {nullptr, factors[i].a.data_ptr(), factors[i].b.data_ptr(),
                    factors[i].a.size(0)};
      } else if (gradients[i].defined()) {
        given[i].dense = gradients[i].data_ptr();
      }
    }
    optimizer_step(optimizer, arena, given, l2, learning_rate, step, options.threads);
    move_averages();
  }

  std::pair<Tensor, Tensor> encoded(const Tensor& x) {
    const ForwardContext c = context(false, nullptr, nullptr);
    return heads(run(plan.encoder, x, c), c);
  }

  Tensor codes(const double* z, int64_t batch) const {
    return at::from_blob(const_cast<double*>(z), {batch, plan.model.latent_dim}, at::kDouble)
        .to(device, type);
  }

  Tensor decoded(const Tensor& z, bool activate = true) {
    return run(plan.decoder, z, context(false, nullptr, nullptr), activate);
  }

  void copy(const Tensor& from, double* to) const {
    const Tensor values = from.to(at::kDouble).to(at::kCPU).contiguous();
    std::copy_n(values.const_data_ptr<double>(), values.numel(), to);
  }
};

Network::Network(const ModelPlan& plan, Arena& arena, const NetworkOptions& options) {
  impl_ = guarded(options,
                  [&] { return std::make_unique<Impl>(plan, arena, options); });
}

Network::~Network() = default;

Losses Network::backward(const uint8_t* pixels, int64_t batch, double kl_weight,
                         const Draws& draws) {
  return guarded(impl_->options,
                 [&] { return impl_->backward(pixels, batch, kl_weight, draws); });
}

void Network::update(const OptimizerSpec& optimizer, double learning_rate, int64_t step) {
  guarded(impl_->options, [&] { impl_->update(optimizer, learning_rate, step); });
}

Losses Network::evaluate(const uint8_t* pixels, int64_t batch, double kl_weight,
                         const float* noise) {
  return guarded(impl_->options, [&] {
    const at::NoGradGuard no_grad;
    const Tensor x = impl_->input(pixels, batch);
    const auto [mean, log_var] = impl_->encoded(x);
    const ModelSpec& model = impl_->plan.model;
    const Tensor z =
        sample_code(model.noise, mean, log_var, impl_->matrix(noise, batch, model.latent_dim));
    const Tensor y = impl_->decoded(z, !impl_->from_logits());
    return impl_->losses(reconstruction_loss(model.loss, x, y),
                         divergence(model.loss, mean, log_var), kl_weight);
  });
}

void Network::encode(const uint8_t* pixels, int64_t batch, double* mean, double* log_var) {
  guarded(impl_->options, [&] {
    const at::NoGradGuard no_grad;
    const auto [m, s] = impl_->encoded(impl_->input(pixels, batch));
    if (mean) impl_->copy(m, mean);
    if (log_var) impl_->copy(s, log_var);
  });
}

void Network::decode(const double* z, int64_t batch, double* drawings) {
  guarded(impl_->options, [&] {
    const at::NoGradGuard no_grad;
    impl_->copy(impl_->decoded(impl_->codes(z, batch)), drawings);
  });
}

void Network::log_likelihood(const uint8_t* pixels, const double* z, int64_t batch,
                             double* values) {
  guarded(impl_->options, [&] {
    const at::NoGradGuard no_grad;
    const Tensor y = impl_->decoded(impl_->codes(z, batch), !impl_->from_logits());
    impl_->copy(
        sketchvae::log_likelihood(impl_->plan.model.loss, impl_->input(pixels, batch), y), values);
  });
}

void Network::score(const uint8_t* pixels, int64_t batch, double* errors) {
  guarded(impl_->options, [&] {
    const at::NoGradGuard no_grad;
    const Tensor x = impl_->input(pixels, batch);
    const Tensor y = impl_->decoded(impl_->encoded(x).first);
    impl_->copy((x.flatten(1) - y.flatten(1)).square().to(at::kDouble).sum(1), errors);
  });
}

void Network::upload() {
  guarded(impl_->options, [&] { impl_->upload(); });
}

void Network::download() {
  guarded(impl_->options, [&] { impl_->download(); });
}

const NetworkOptions& Network::options() const { return impl_->options; }

std::vector<Tensor> Network::pass(const Tensor& x, const Tensor& noise,
                                  const std::vector<Tensor>& masks, const Tensor& kl_weight) {
  const ThreadScope threads(impl_->options.threads);
  const PrecisionScope precision(impl_->options);
  const auto [rec, kl] = impl_->pass(x, noise, masks, kl_weight);
  return {rec, kl, impl_->regularization()};
}

void Network::sweep(const OptimizerSpec& optimizer, const StepRow* rows, const int64_t* step) {
  const ThreadScope threads(impl_->options.threads);
  impl_->sweep(optimizer, rows, step);
}

void Network::replayed() { impl_->ahead = true; }

void Network::set_threads(int threads) {
  impl_->options.threads = threads;
  if (!impl_->scratch.empty()) impl_->scratch.resize(static_cast<size_t>(threads));
}

std::vector<double> Network::gradient(int64_t i) const {
  return guarded(impl_->options, [&] {
    const at::NoGradGuard no_grad;
    const auto k = static_cast<size_t>(i);
    std::vector<double> values(static_cast<size_t>(impl_->plan.params[k].size()), 0.0);
    const Tensor g = impl_->dense_gradient(k);
    if (g.defined()) impl_->copy(g, values.data());
    return values;
  });
}

}  // namespace sketchvae
