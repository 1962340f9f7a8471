// The optimizers' rules as Keras has them, each written once: how weights and their state move by a
// gradient. X is a number (a GPU's thread, the ends of rows) or a vector of neighbouring numbers
// (ops/sweep_kernel.h, which includes this where its instruction set is chosen: no header may). Tests: tests/cpp/test_optimizer.cpp, tests/cpp/test_cuda_kernels.cpp.
#pragma once

#include <cmath>

#include "ops/sweep.h"

namespace sketchvae {

// What the compiler is to know of a rule.
template <Rule kRule, bool kMomentum>
struct RuleOf {
  static constexpr Rule rule = kRule;
  static constexpr bool momentum = kMomentum;
  static constexpr int slots = kRule == Rule::adam ? 2 : (kRule == Rule::rmsprop) + kMomentum;
};

#ifdef __CUDACC__
#define SKETCHVAE_RULE __host__ __device__ inline
#else
#define SKETCHVAE_RULE inline __attribute__((always_inline))
#endif

// Builds for two instruction sets must not meet in the linker.
namespace {

// Calls use() with the RuleOf an optimizer.
template <typename Use>
auto with_rule(const OptimizerSpec& o, Use use) {
  switch (o.rule) {
    case Rule::sgd:
      return o.momentum > 0 ? use(RuleOf<Rule::sgd, true>()) : use(RuleOf<Rule::sgd, false>());
    case Rule::rmsprop:
      return o.momentum > 0 ? use(RuleOf<Rule::rmsprop, true>())
                            : use(RuleOf<Rule::rmsprop, false>());
    default:
      return use(RuleOf<Rule::adam, false>());
  }
}

// An optimizer's numbers in a step, in the parameters' own type. `learning_rate` and `decay` are a
// StepRow's, `factor` clips by norm, `l2` is doubled.
template <typename T>
struct Coefficients {
  T lr, decay, factor, l2, momentum, rho, rest, inside, outside, epsilon, rest_1, rest_2, limit;
  bool nesterov;

  SKETCHVAE_RULE Coefficients(const OptimizerSpec& o, double learning_rate, double decay_,
                              double factor_, double l2_)
      : lr(static_cast<T>(learning_rate)),
        decay(static_cast<T>(decay_)),
        factor(static_cast<T>(factor_)),
        l2(static_cast<T>(l2_)),
        momentum(static_cast<T>(o.momentum)),
        rho(static_cast<T>(o.rho)),
        rest(static_cast<T>(1 - o.rho)),
        inside(static_cast<T>(o.epsilon_inside ? o.epsilon : 0)),
        outside(static_cast<T>(o.epsilon_inside ? 0 : o.epsilon)),
        epsilon(static_cast<T>(o.epsilon)),
        rest_1(static_cast<T>(1 - o.beta_1)),
        rest_2(static_cast<T>(1 - o.beta_2)),
        limit(static_cast<T>(o.clipvalue)),
        nesterov(o.nesterov) {}
};

struct RootOfNumber {
  template <typename T>
  SKETCHVAE_RULE T operator()(T x) const {
    using std::sqrt;
    return sqrt(x);
  }
};

// w moves by gradient g, and with it s and m, the first and second slot: left alone where the rule
// has none.
template <typename R, typename T, typename X, typename Root>
SKETCHVAE_RULE void apply_rule(const Coefficients<T>& c, X g, X& w, X& s, X& m, Root root) {
  if (c.l2 != 0) g += c.l2 * w;
  if (c.factor != 1) g *= c.factor;
  if (c.limit > 0) {
    g = g > c.limit ? X{} + c.limit : g;
    g = g < -c.limit ? X{} - c.limit : g;
  }
  if constexpr (R::rule == Rule::sgd && !R::momentum) {
    w -= c.lr * g;
  } else if constexpr (R::rule == Rule::sgd) {
    s = c.momentum * s - c.lr * g;
    w += c.nesterov ? c.momentum * s - c.lr * g : s;
  } else if constexpr (R::rule == Rule::rmsprop) {
    s = c.rho * s + c.rest * g * g;
    const X step = c.lr * g / (root(s + c.inside) + c.outside);
    if constexpr (R::momentum) {
      m = c.momentum * m + step;
      w -= m;
    } else {
      w -= step;
    }
  } else {
    s += (g - s) * c.rest_1;
    m += (g * g - m) * c.rest_2;
    w -= c.decay * w + c.lr * s / (root(m) + c.epsilon);
  }
}

}  // namespace
}  // namespace sketchvae
