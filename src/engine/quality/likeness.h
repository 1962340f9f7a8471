// How like two sets of points are: what drawing_quality() says of new drawings beside real ones,
// both as points in the space of some features.
// Sources: Heusel et al. (2017), the Frechet distance; Binkowski et al. (2018), the kernel
// distance; Kynkaanniemi et al. (2019), precision and recall; Naeem et al. (2020), coverage.
// Tests: tests/cpp/test_likeness.cpp.
#pragma once

#include <cstdint>

#include "host.h"
#include "latent/points.h"

namespace sketchvae {

struct Likeness {
  // Between normal distributions of the sets' means and covariances, squared: 0 or more.
  double frechet = 0;
  // Squared maximum mean discrepancy of the kernel (x'y / d + 1)^3, unbiased: about 0, also below.
  double kernel = 0;
  // Shares, 0 to 1. Of fresh points that lie within the ball of a real one, which reaches to its
  // k-th nearest real neighbour; of real points within the ball of a fresh one; and of real points
  // with a fresh one within their ball.
  double precision = 0, recall = 0, coverage = 0;
};

// Both sets have d dimensions and more than max(k, 1) points; k is 1 or more. The same at any
// number of threads. Throws Error, and Interrupted when the host asks to stop.
Likeness compare_points(const Points& fresh, const Points& real, int64_t k, int threads,
                        Host& host);

}  // namespace sketchvae
