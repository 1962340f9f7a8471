// Mean and covariance of a set of points, and the Frechet distance of two of them.
// Tests: tests/cpp/test_likeness.cpp.
#pragma once

#include <Eigen/Core>

namespace sketchvae {

struct Moments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;  // divided by n - 1
};

// points: n x d, n at least 2.
Moments moments_of(const Eigen::Ref<const Eigen::MatrixXd>& points);

// |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2), never below 0.
double frechet_distance(const Moments& one, const Moments& other);

}  // namespace sketchvae
