#include "ops/conv_chain.h"

#include <algorithm>

#include "error.h"
#include "ops/kernels.h"
#include "ops/team.h"

namespace sketchvae {
ConvChain::ConvChain(std::vector<Link> links, std::vector<ConvScratch>& scratch)
    : links_(std::move(links)), scratch_(scratch), outputs_(links_.size()) {
  if (links_.empty()) throw Error("a chain of no convolutions");
  for (const Link& link : links_) {
    const ConvShape& s = link.conv->shape();
    widest_ = std::max({widest_, s.x_size(), s.y_size()});
  }
}

void ConvChain::prepare(const std::vector<Weights>& weights, bool backward) {
  const auto n = static_cast<size_t>(threads());
  sums_.resize(n);
  for (auto& buffers : between_) buffers.resize(n);
  on_team(threads(), [&](int t, int team) {
    for (size_t l = 0; l < links_.size(); ++l) {
      links_[l].conv->prepare(weights[l].kernel, weights[l].bias, backward, t, team);
    }
  });
}

float* ConvChain::forward(const float* x, const std::vector<Weights>& weights, int64_t batch,
                          bool keep) {
  prepare(weights, false);
  const size_t last = links_.size() - 1;
  for (size_t l = keep ? 0 : last; l <= last; ++l) {
    outputs_[l].at_least(batch * links_[l].conv->shape().y_size());
  }
  on_team(threads(), [&](int thread, int team) {
    const auto t = static_cast<size_t>(thread);
    const Share share(batch, thread, team);
    for (int64_t b = share.first; b < share.last; ++b) {
      const float* from = x + b * first().x_size();
      for (size_t l = 0; l <= last; ++l) {
        float* to = keep || l == last
                        ? outputs_[l].data() + b * links_[l].conv->shape().y_size()
                        : between_[l % 2][t].at_least(widest_);
        links_[l].conv->forward(from, links_[l].relu, to, scratch_[t]);
        from = to;
      }
    }
  });
  return outputs_[last].data();
}

float* ConvChain::backward(const float* x, const std::vector<Weights>& weights, const float* grad_y,
                           int64_t batch, bool want_x, const std::vector<Gradients>& gradients) {
  prepare(weights, true);
  if (want_x) grad_x_.at_least(batch * first().x_size());
  on_team(threads(), [&](int thread, int team) {
    const auto t = static_cast<size_t>(thread);
    sums_[t].resize(links_.size());
    for (size_t l = 0; l < links_.size(); ++l) links_[l].conv->clear(sums_[t][l]);
    const Share share(batch, thread, team);
    for (int64_t b = share.first; b < share.last; ++b) {
      const float* grad = grad_y + b * last().y_size();
      for (size_t l = links_.size(); l-- > 0;) {
        const Conv& conv = *links_[l].conv;
        const ConvShape& s = conv.shape();
        if (links_[l].relu) {
          const float* y = outputs_[l].data() + b * s.y_size();
          float* cut = between_[2][t].at_least(widest_);
          kernels().rows.cut(grad, y, s.y_size(), cut);
          grad = cut;
        }
        float* to = l > 0    ? between_[l % 2][t].at_least(widest_)
                    : want_x ? grad_x_.data() + b * s.x_size()
                             : nullptr;
        conv.backward(l > 0 ? outputs_[l - 1].data() + b * s.x_size() : x + b * s.x_size(), grad,
                      to, sums_[t][l], scratch_[t]);
        grad = to;
      }
    }
  });
  on_team(threads(), [&](int t, int team) {
    for (size_t l = 0; l < links_.size(); ++l) {
      std::vector<ConvSums*> shares;
      for (auto& sums : sums_) shares.push_back(&sums[l]);
      links_[l].conv->collect(shares, gradients[l].kernel, gradients[l].bias, t, team);
    }
  });
  return want_x ? grad_x_.data() : nullptr;
}

}  // namespace sketchvae
