#include "train/scorer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "error.h"
#include "random/philox.h"
#include "data/safetensors.h"

namespace sketchvae {
namespace {

// Drawings at a time: activations of the sheep's widest layer take 16 MB on the CPU; a GPU wants
// more at once, and 256 MB are little there.
int64_t batch_on(Device device) { return device == Device::cpu ? 64 : 1024; }

// float64 weights are scored in float64.
Dtype dtype_of(std::span<const std::byte> weights) {
  const Safetensors content = read_safetensors(weights);
  return !content.tensors.empty() && content.tensors[0].dtype == "F64" ? Dtype::float64
                                                                        : Dtype::float32;
}

// Calls work(first, batch) for all batches of n, polling the host.
template <typename Work>
void in_batches(int64_t n, int64_t size, Host& host, Work work) {
  for (int64_t first = 0; first < n; first += size) {
    if (host.should_stop()) throw Interrupted();
    work(first, std::min(size, n - first));
    host.progress(std::min(first + size, n), n);
  }
}

class Reader {
 public:
  Reader(const BatchSource& source, int64_t batch)
      : source_(source),
        index_(static_cast<size_t>(batch)),
        pixels_(static_cast<size_t>(batch * source.pixels())) {}
  const uint8_t* read(int64_t first, int64_t batch) {
    std::iota(index_.begin(), index_.begin() + batch, first);
    source_.read(index_.data(), batch, pixels_.data());
    return pixels_.data();
  }

 private:
  const BatchSource& source_;
  std::vector<int64_t> index_;
  std::vector<uint8_t> pixels_;
};

}  // namespace

Scorer::Scorer(const ModelSpec& model, std::span<const std::byte> weights,
               const NetworkOptions& options)
    : plan_(plan_model(model)),
      arena_(plan_.params, dtype_of(weights), 0),
      network_(plan_, arena_, options),
      batch_(batch_on(options.device)) {
  read_weights(arena_, weights);
  network_.upload();
}

void Scorer::encode(const BatchSource& x, double* mean, double* log_var, Host& host) {
  const int64_t n = x.size(), d = plan_.model.latent_dim;
  check_shape(x, plan_.model.input);
  std::vector<double> rows(static_cast<size_t>(2 * batch_ * d));
  double* second = rows.data() + batch_ * d;
  Reader reader(x, batch_);
  in_batches(n, batch_, host, [&](int64_t first, int64_t batch) {
    network_.encode(reader.read(first, batch), batch, mean ? rows.data() : nullptr,
                    log_var ? second : nullptr);
    for (int64_t i = 0; i < batch; ++i) {
      for (int64_t k = 0; k < d; ++k) {
        if (mean) mean[k * n + first + i] = rows[static_cast<size_t>(i * d + k)];
        if (log_var) log_var[k * n + first + i] = second[i * d + k];
      }
    }
  });
}

void Scorer::decode(const double* z, int64_t n, double* out, Host& host) {
  const int64_t d = plan_.model.latent_dim, size = size_of(plan_.model.input);
  std::vector<double> rows(static_cast<size_t>(batch_ * d));
  in_batches(n, batch_, host, [&](int64_t first, int64_t batch) {
    for (int64_t i = 0; i < batch; ++i) {
      for (int64_t k = 0; k < d; ++k) rows[static_cast<size_t>(i * d + k)] = z[k * n + first + i];
    }
    network_.decode(rows.data(), batch, out + first * size);
  });
}

void Scorer::score(const BatchSource& x, double* errors, Host& host) {
  check_shape(x, plan_.model.input);
  Reader reader(x, batch_);
  in_batches(x.size(), batch_, host, [&](int64_t first, int64_t batch) {
    network_.score(reader.read(first, batch), batch, errors + first);
  });
}

namespace {

// Asks another host whether to stop, and tells it nothing.
class Unreported : public Host {
 public:
  explicit Unreported(Host& host) : host_(host) {}
  bool should_stop() override { return host_.should_stop(); }
  void progress(int64_t, int64_t) override {}

 private:
  Host& host_;
};

// log(mean(exp(v))), without overflow.
double log_mean_exp(const std::vector<double>& v) {
  const double top = *std::max_element(v.begin(), v.end());
  if (!std::isfinite(top)) return top;
  double sum = 0;
  for (const double value : v) sum += std::exp(value - top);
  return top + std::log(sum / static_cast<double>(v.size()));
}

}  // namespace

Evaluation Scorer::evaluate(const BatchSource& x, int64_t samples, uint64_t seed, Host& host) {
  if (samples < 1) throw Error("at least one sample is needed");
  const int64_t n = x.size(), d = plan_.model.latent_dim, size = x.pixels();
  const auto places = static_cast<size_t>(n * d);
  std::vector<double> mean(places), log_sd(places);
  Unreported unreported(host);
  encode(x, mean.data(), log_sd.data(), unreported);

  Evaluation result{std::vector<double>(static_cast<size_t>(n)),
                    std::vector<double>(static_cast<size_t>(n)), std::vector<double>(places)};
  for (size_t k = 0; k < places; ++k) {
    log_sd[k] = std::min(log_sd[k] * (plan_.model.noise == Noise::log_sd ? 1 : 0.5), 80.0);
    result.kl[k] = (std::exp(2 * log_sd[k]) + mean[k] * mean[k] - 1 - 2 * log_sd[k]) / 2;
  }
  // Rows are pairs of a drawing and one of its codes, drawing by drawing.
  const auto rows = static_cast<size_t>(batch_);
  std::vector<uint8_t> drawing(static_cast<size_t>(size)), pixels(rows * drawing.size());
  std::vector<float> noise(static_cast<size_t>(samples * d));
  std::vector<double> z(rows * static_cast<size_t>(d)), log_p(rows), log_ratio(rows);
  std::vector<double> log_weight(static_cast<size_t>(samples));  // of the drawing in work
  in_batches(n * samples, batch_, host, [&](int64_t first, int64_t batch) {
    for (int64_t r = 0; r < batch; ++r) {
      const int64_t i = (first + r) / samples, sample = (first + r) % samples;
      if (sample == 0) {
        x.read(&i, 1, drawing.data());
        fill_normal({seed, 0, static_cast<uint32_t>(i), Stream::scoring, 0}, noise.data(),
                    samples * d);
      }
      std::copy(drawing.begin(), drawing.end(), pixels.begin() + r * size);
      // log p(z) - log q(z|x), in which the normal distributions' constants cancel.
      double ratio = 0;
      for (int64_t k = 0; k < d; ++k) {
        const auto at = static_cast<size_t>(k * n + i);
        const double e = noise[static_cast<size_t>(sample * d + k)];
        const double code = mean[at] + std::exp(log_sd[at]) * e;
        z[static_cast<size_t>(r * d + k)] = code;
        ratio += (e * e - code * code) / 2 + log_sd[at];
      }
      log_ratio[static_cast<size_t>(r)] = ratio;
    }
    network_.log_likelihood(pixels.data(), z.data(), batch, log_p.data());
    for (int64_t r = 0; r < batch; ++r) {
      const auto i = static_cast<size_t>((first + r) / samples), row = static_cast<size_t>(r);
      const int64_t sample = (first + r) % samples;
      result.elbo[i] += log_p[row] / static_cast<double>(samples);
      log_weight[static_cast<size_t>(sample)] = log_p[row] + log_ratio[row];
      if (sample < samples - 1) continue;
      result.log_likelihood[i] = log_mean_exp(log_weight);
      for (size_t k = i; k < places; k += static_cast<size_t>(n)) result.elbo[i] -= result.kl[k];
    }
  });
  return result;
}

void sample_codes(Noise noise, uint64_t seed, int64_t n, int64_t d, double* mean,
                  const double* log_var) {
  std::vector<float> normal(static_cast<size_t>(n));
  for (int64_t k = 0; k < d; ++k) {
    fill_normal({seed, 0, 0, Stream::sample, static_cast<uint32_t>(k)}, normal.data(), n);
    for (int64_t i = 0; i < n; ++i) {
      const double log_sd = log_var[k * n + i] * (noise == Noise::log_sd ? 1 : 0.5);
      mean[k * n + i] += std::exp(std::min(log_sd, 80.0)) * normal[static_cast<size_t>(i)];
    }
  }
}

}  // namespace sketchvae
