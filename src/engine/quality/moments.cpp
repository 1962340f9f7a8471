#include "quality/moments.h"

#include <Eigen/Eigenvalues>

#include <algorithm>

namespace sketchvae {
namespace {

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

}  // namespace

Moments moments_of(const Eigen::Ref<const Eigen::MatrixXd>& points) {
  Moments moments;
  moments.mean = points.colwise().mean();
  const Eigen::MatrixXd centred = points.rowwise() - moments.mean.transpose();
  moments.covariance = centred.transpose() * centred / static_cast<double>(points.rows() - 1);
  return moments;
}

double frechet_distance(const Moments& one, const Moments& other) {
  const Solver solver(one.covariance);
  // Rounding leaves eigenvalues of about -1e-16 where a covariance is singular.
  const Eigen::MatrixXd root = solver.eigenvectors() *
                               solver.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
                               solver.eigenvectors().transpose();
  const Solver between(root * other.covariance * root, Eigen::EigenvaluesOnly);
  const double cross = between.eigenvalues().cwiseMax(0).cwiseSqrt().sum();
  return std::max(0.0, (one.mean - other.mean).squaredNorm() + one.covariance.trace() +
                           other.covariance.trace() - 2 * cross);
}

}  // namespace sketchvae
