// Products of one block, built for several instruction sets (wide_dense_<isa>.cpp).
#pragma once

#include <cstdint>

namespace sketchvae {

// A product's operands: c is m x n.
struct Product {
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  int64_t lda = 0, ldb = 0, ldc = 0;
  int64_t m = 0, n = 0, k = 0;
};

struct WideSteps {
  // c += a (m x k) * b (k x n)
  void (*add_nn)(const Product& p);
  // c += a (m x k) * b' with b (n x k)
  void (*add_nt)(const Product& p);
};

const WideSteps& wide_steps_baseline();
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
const WideSteps& wide_steps_avx2();
const WideSteps& wide_steps_avx512();
#endif

}  // namespace sketchvae
