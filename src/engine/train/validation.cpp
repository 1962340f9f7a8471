#include "train/validation.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "net/step.h"
#include "random/philox.h"

namespace sketchvae {

std::optional<Losses> validate(Network& network, const ModelPlan& plan, const BatchSource& held,
                               const FitOptions& options, int64_t epoch, double kl_weight,
                               Host& host) {
  const int64_t n = held.size(), d = plan.model.latent_dim;
  const int64_t chunk = std::min(std::max<int64_t>(options.batch_size, 32), n);
  std::vector<uint8_t> pixels(static_cast<size_t>(chunk * held.pixels()));
  std::vector<int64_t> index(static_cast<size_t>(chunk));
  std::vector<float> noise(static_cast<size_t>(chunk * d));
  Sums sums;
  for (int64_t first = 0; first < n; first += chunk) {
    if (host.should_stop()) return std::nullopt;
    const int64_t batch = std::min(chunk, n - first);
    std::iota(index.begin(), index.end(), first);
    held.read(index.data(), batch, pixels.data());
    fill_normal({options.seed, static_cast<uint32_t>(epoch), static_cast<uint32_t>(first),
                 Stream::validation, 0},
                noise.data(), batch * d);
    sums.add(network.evaluate(pixels.data(), batch, kl_weight, noise.data()), batch);
  }
  return sums.mean();
}

}  // namespace sketchvae
