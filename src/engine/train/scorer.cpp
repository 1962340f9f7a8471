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
  if (x.pixels() != size_of(plan_.model.input)) {
    throw Error("the drawings have " + std::to_string(x.pixels()) + " pixels, the model takes " +
                to_string(plan_.model.input));
  }
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
  if (x.pixels() != size_of(plan_.model.input)) {
    throw Error("the drawings have " + std::to_string(x.pixels()) + " pixels, the model takes " +
                to_string(plan_.model.input));
  }
  Reader reader(x, batch_);
  in_batches(x.size(), batch_, host, [&](int64_t first, int64_t batch) {
    network_.score(reader.read(first, batch), batch, errors + first);
  });
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
