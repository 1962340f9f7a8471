// See kmeans.h. Test: tests/cpp/test_latent_kmeans.cpp.
#include "latent/exact.h"
//
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "error.h"
#include "latent/dims.h"
#include "latent/kmeans.h"
#include "latent/nearest.h"
#include "latent/parallel.h"
#include "latent/tree.h"
#include "latent/within.h"

namespace sketchvae {
namespace {

// Centres have settled when none moves by more than 1e-8 of the typical distance to a centre.
constexpr double kSettled = 1e-16;

constexpr int64_t kBlock = 2048;  // points whose distances are worked out at once

template <int D>
double distance2(Dims<D> dims, const double* a, const double* b) {
  return ordered_sum(dims, [&](int k) { return (a[k] - b[k]) * (a[k] - b[k]); });
}

// What a node contributes to a centre that owns all of it.
template <int D>
struct Moments {
  Place<D> mean;
  double scatter;  // sum of squared distances to the mean
};

template <int D>
struct Fit {
  std::vector<Place<D>> centres;
  double withinss = std::numeric_limits<double>::infinity();
  int iterations = 0;
};

template <int D>
class Lloyd {
 public:
  Lloyd(const PointTree<D>& tree, Host& host)
      : tree_(tree), dims_(tree.dims), moments_(tree.nodes.size()) {
    Poll poll(host);
    for (auto i = static_cast<int64_t>(tree.nodes.size()) - 1; i >= 0; --i) {
      if (i % 4096 == 0) poll.check();
      const auto& node = tree.nodes[i];
      moments_[i] = node.leaf() ? measure(node) : join(node);
    }
  }

  // One start: k-means++ seeds, then iterations until the centres settle.
  Fit<D> run(int64_t k, std::mt19937_64& random, int max_iterations, const StopFlag& stop) const {
    Fit<D> fit;
    fit.centres = seeds(k, random, stop);
    State state(stop, dims_);
    auto mean = place();
    while (fit.iterations < max_iterations && !stop) {
      ++fit.iterations;
      step(fit.centres, state);
      fit.withinss = state.withinss;
      double moved = 0;
      for (size_t c = 0; c < fit.centres.size(); ++c) {
        if (state.counts[c] == 0) continue;  // a centre that owns nothing stays where it is
        for (int j = 0; j < dims_.count; ++j) {
          mean[j] = state.sums[c][j] / static_cast<double>(state.counts[c]);
        }
        moved = std::max(moved, distance2(dims_, mean.data(), fit.centres[c].data()));
        fit.centres[c] = mean;
      }
      if (moved <= kSettled * state.withinss / static_cast<double>(tree_.n)) break;
    }
    step(fit.centres, state);
    fit.withinss = state.withinss;
    return fit;
  }

 private:
  struct State {
    State(const StopFlag& stop_flag, Dims<D> dims)
        : stop(stop_flag), middle(Numbers<D, 1>::make(dims)) {}
    const StopFlag& stop;
    std::vector<Place<D>> sums;
    std::vector<int64_t> counts;
    double withinss = 0;
    std::vector<std::vector<int32_t>> candidates;  // by depth
    Place<D> middle;                               // of the node that is looked at
    // Of many dimensions: the centres column after column, and distances to them.
    std::vector<double> columns, distances;
  };

  Place<D> place() const { return Numbers<D, 1>::make(dims_); }

  Moments<D> measure(const TreeNode<D>& node) const {
    Moments<D> m{place(), 0};
    for (int j = 0; j < dims_.count; ++j) {
      const double* column = tree_.x.data() + j * tree_.n;
      m.mean[j] = std::accumulate(column + node.begin, column + node.end, 0.0) / node.size();
      for (int32_t i = node.begin; i < node.end; ++i) {
        m.scatter += (column[i] - m.mean[j]) * (column[i] - m.mean[j]);
      }
    }
    return m;
  }

  Moments<D> join(const TreeNode<D>& node) const {
    const Moments<D>& a = moments_[node.left];
    const Moments<D>& b = moments_[node.right];
    const double share = static_cast<double>(tree_.nodes[node.right].size()) / node.size();
    Moments<D> m{a.mean, 0};
    for (int j = 0; j < dims_.count; ++j) m.mean[j] += (b.mean[j] - a.mean[j]) * share;
    m.scatter = a.scatter + b.scatter +
                distance2(dims_, a.mean.data(), b.mean.data()) * share *
                    tree_.nodes[node.left].size();
    return m;
  }

  Place<D> point(int32_t i) const {
    Place<D> result = place();
    const auto q = tree_.point(i);
    std::copy_n(q.data(), dims_.count, result.begin());
    return result;
  }

  // Squared distances from a place to the points begin..end-1, in their order.
  void distances_to(const Place<D>& from, int64_t begin, int64_t end, double* out) const {
    if constexpr (D == kAnyDims) {
      distances_(dims_.count, tree_.x.data(), tree_.n, begin, end, from.data(),
                 std::numeric_limits<double>::infinity(), out);
    } else {
      for (int64_t i = begin; i < end; ++i) {
        *out++ = point_distance(dims_, from.data(), tree_.x.data(), tree_.n, i);
      }
    }
  }

  // What the distances to the nearest seed become with `seed`, and their sum.
  double offer(const Place<D>& seed, const std::vector<double>& nearest2,
               std::vector<double>& offered, const StopFlag& stop) const {
    double sum = 0;
    for (int64_t begin = 0; begin < tree_.n && !stop; begin += kBlock) {
      const int64_t end = std::min(tree_.n, begin + kBlock);
      distances_to(seed, begin, end, offered.data() + begin);
      for (int64_t i = begin; i < end; ++i) {
        offered[i] = std::min(nearest2[i], offered[i]);
        sum += offered[i];
      }
    }
    return sum;
  }

  // Greedy k-means++ (Arthur and Vassilvitskii 2007): each next seed is the best of a few, drawn
  // with probability proportional to the squared distance to the nearest seed so far.
  std::vector<Place<D>> seeds(int64_t k, std::mt19937_64& random, const StopFlag& stop) const {
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    const int tries = 2 + static_cast<int>(std::log(static_cast<double>(k)));
    std::vector<Place<D>> chosen{
        point(static_cast<int32_t>(uniform() * static_cast<double>(tree_.n)))};
    std::vector<double> nearest2(tree_.n, std::numeric_limits<double>::infinity());
    std::vector<double> offered(tree_.n), best(tree_.n);
    double total = offer(chosen[0], nearest2, best, stop);
    nearest2.swap(best);
    while (static_cast<int64_t>(chosen.size()) < k && !stop) {
      if (!(total > 0)) {
        throw Error("There are fewer than " + std::to_string(k) +
                    " different points, or they lie so close together that squares of their "
                    "distances are 0: choose a smaller `k`.");
      }
      double least = std::numeric_limits<double>::infinity();
      Place<D> winner = chosen[0];
      for (int attempt = 0; attempt < tries && !stop; ++attempt) {
        const Place<D> candidate = point(draw(nearest2, uniform() * total));
        const double rest = offer(candidate, nearest2, offered, stop);
        if (rest < least) {
          least = rest;
          winner = candidate;
          best.swap(offered);
        }
      }
      chosen.push_back(winner);
      nearest2.swap(best);
      total = least;
    }
    return chosen;
  }

  // The point at which the running sum of the weights passes `place`.
  static int32_t draw(const std::vector<double>& weights, double place) {
    int64_t last = 0;  // rounding may leave something over at the end: the last one takes it
    for (int64_t i = 0; i < static_cast<int64_t>(weights.size()); ++i) {
      if (weights[i] <= 0) continue;
      last = i;
      place -= weights[i];
      if (place < 0) break;
    }
    return static_cast<int32_t>(last);
  }

  void step(const std::vector<Place<D>>& centres, State& state) const {
    state.sums.assign(centres.size(), place());
    state.counts.assign(centres.size(), 0);
    state.withinss = 0;
    if (state.candidates.empty()) state.candidates.emplace_back();
    state.candidates[0].resize(centres.size());
    std::iota(state.candidates[0].begin(), state.candidates[0].end(), 0);
    if constexpr (D == kAnyDims) {
      state.distances.resize(centres.size());
      state.columns.resize(centres.size() * dims_.count);
      for (size_t c = 0; c < centres.size(); ++c) {
        for (int j = 0; j < dims_.count; ++j) state.columns[j * centres.size() + c] = centres[c][j];
      }
    }
    filter(0, 0, centres, state);
  }

  // The nearest centre to a place, the first of equally near ones; its distance in `least`. Of few
  // dimensions only those that prune() kept are looked at.
  int32_t nearest(const double* from, const std::vector<Place<D>>& centres,
                  const std::vector<int32_t>& candidates, State& state, double& least) const {
    int32_t owner = -1;
    least = std::numeric_limits<double>::infinity();
    const auto look = [&](int32_t c, double d2) {
      if (d2 < least) {
        least = d2;
        owner = c;
      }
    };
    if constexpr (D == kAnyDims) {
      const auto many = static_cast<int64_t>(centres.size());
      distances_(dims_.count, state.columns.data(), many, 0, many, from, least,
                 state.distances.data());
      for (int32_t c = 0; c < many; ++c) look(c, state.distances[c]);
    } else {
      for (const int32_t c : candidates) look(c, distance2(dims_, from, centres[c].data()));
    }
    return owner;
  }

  void filter(int32_t at, size_t depth, const std::vector<Place<D>>& centres, State& state) const {
    if (state.stop) return;
    const TreeNode<D>& node = tree_.nodes[at];
    if (state.candidates.size() <= depth + 1) state.candidates.resize(depth + 2);
    const int32_t best =
        prune(node, centres, state.candidates[depth], state.candidates[depth + 1], state.middle);
    if (state.candidates[depth + 1].size() == 1) {
      const Moments<D>& m = moments_[at];
      add(best, m.mean.data(), node.size(), state);
      state.withinss +=
          m.scatter + node.size() * distance2(dims_, m.mean.data(), centres[best].data());
    } else if (node.leaf()) {
      for (int32_t i = node.begin; i < node.end; ++i) {
        const auto here = tree_.point(i);
        double least;
        const int32_t owner =
            nearest(here.data(), centres, state.candidates[depth + 1], state, least);
        add(owner, here.data(), 1, state);
        state.withinss += least;
      }
    } else {
      filter(node.left, depth + 1, centres, state);
      filter(node.right, depth + 1, centres, state);
    }
  }

  // Keeps the centres that may be nearest to some place in the box; gives the one nearest to its
  // middle.
  int32_t prune(const TreeNode<D>& node, const std::vector<Place<D>>& centres,
                const std::vector<int32_t>& from, std::vector<int32_t>& to,
                Place<D>& middle) const {
    const int d = dims_.count;
    for (int j = 0; j < d; ++j) middle[j] = node.box[j] / 2 + node.box[d + j] / 2;
    int32_t best = from[0];
    double least = std::numeric_limits<double>::infinity();
    for (const int32_t c : from) {
      const double d2 = distance2(dims_, middle.data(), centres[c].data());
      if (d2 < least) {
        least = d2;
        best = c;
      }
    }
    to.clear();
    for (const int32_t c : from) {
      // The corner farthest towards c: if even that is nearer to `best`, all of the box is.
      const Place<D>& there = centres[c];
      const Place<D>& here = centres[best];
      double to_there = 0;
      double to_here = 0;
      for (int j = 0; j < d; ++j) {
        const double corner = there[j] > here[j] ? node.box[d + j] : node.box[j];
        to_there += (corner - there[j]) * (corner - there[j]);
        to_here += (corner - here[j]) * (corner - here[j]);
      }
      if (c == best || to_there < to_here) to.push_back(c);
    }
    return best;
  }

  void add(int32_t centre, const double* at, int32_t count, State& state) const {
    for (int j = 0; j < dims_.count; ++j) state.sums[centre][j] += at[j] * count;
    state.counts[centre] += count;
  }

  const PointTree<D>& tree_;
  const Dims<D> dims_;
  std::vector<Moments<D>> moments_;
  const Distances distances_ = distances_within();
};

// The start's own stream: seeds, k and starts don't share random numbers.
std::mt19937_64 stream(uint64_t seed, int64_t k, int64_t restart) {
  std::seed_seq words{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                      static_cast<uint32_t>(k), static_cast<uint32_t>(restart)};
  return std::mt19937_64(words);
}

void check_options(const Points& points, int64_t k, const KmeansOptions& options) {
  if (k < 1 || k > points.n) throw Error("`k` must be from 1 to the number of points.");
  if (options.restarts < 1) throw Error("There must be one start or more.");
}

// The best of the starts for each k, the first on ties.
template <int D>
std::vector<Fit<D>> best_fits(const Lloyd<D>& lloyd, const std::vector<int64_t>& k,
                              const KmeansOptions& options, bool show, Host& host) {
  const auto starts = static_cast<int64_t>(options.restarts);
  // One k has one best start; a k of 1 needs no other.
  std::vector<Fit<D>> fits(k.size() * starts);
  parallel_tasks(resolve_threads(options.threads), static_cast<int64_t>(fits.size()), host, show,
                 [&](int64_t task, int, const StopFlag& stop) {
                   const int64_t wanted = k[task / starts];
                   const int64_t restart = task % starts;
                   if (wanted == 1 && restart > 0) return;
                   auto random = stream(options.seed, wanted, restart);
                   fits[task] = lloyd.run(wanted, random, options.max_iterations, stop);
                 });
  std::vector<Fit<D>> best;
  for (size_t i = 0; i < k.size(); ++i) {
    const auto first = fits.begin() + static_cast<int64_t>(i) * starts;
    best.push_back(*std::min_element(first, first + starts, [](const auto& a, const auto& b) {
      return a.withinss < b.withinss;
    }));
  }
  return best;
}

}  // namespace

KmeansResult kmeans(const Points& points, const KmeansOptions& options, Host& host) {
  check_points(points);
  check_options(points, options.k, options);
  KmeansResult result;
  with_dims(points.d, [&](auto dims) {
    const auto tree = build_tree<dims>(points, resolve_threads(options.threads), host);
    const Lloyd<dims> lloyd(tree, host);
    auto fit = best_fits(lloyd, {options.k}, options, /*show=*/true, host)[0];
    result.iterations = fit.iterations;
    result.centres.resize(options.k * points.d);
    const auto assign = [&] {
      for (int j = 0; j < points.d; ++j) {
        for (int64_t c = 0; c < options.k; ++c) {
          result.centres[j * options.k + c] = fit.centres[c][j];
        }
      }
      const Points centres{result.centres.data(), options.k, points.d};
      Nearest found = nearest_points(centres, points, options.threads, host);
      result.sizes.assign(options.k, 0);
      for (const int32_t owner : found.row) ++result.sizes[owner];
      return found;
    };
    assign();
    std::vector<int32_t> order(options.k);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return result.sizes[a] > result.sizes[b] ||
             (result.sizes[a] == result.sizes[b] && fit.centres[a] < fit.centres[b]);
    });
    auto centres = fit.centres;
    for (int64_t c = 0; c < options.k; ++c) fit.centres[c] = centres[order[c]];
    Nearest found = assign();
    result.withinss.assign(options.k, 0);
    for (int64_t i = 0; i < points.n; ++i) {
      result.withinss[found.row[i]] += found.distance2[i];
      ++found.row[i];  // clusters count from 1
    }
    result.cluster = std::move(found.row);
  });
  return result;
}

std::vector<double> kmeans_elbow(const Points& points, const std::vector<int64_t>& k,
                                 const KmeansOptions& options, Host& host) {
  check_points(points);
  for (const int64_t wanted : k) check_options(points, wanted, options);
  std::vector<double> withinss;
  with_dims(points.d, [&](auto dims) {
    const auto tree = build_tree<dims>(points, resolve_threads(options.threads), host);
    const Lloyd<dims> lloyd(tree, host);
    for (const auto& fit : best_fits(lloyd, k, options, /*show=*/true, host)) {
      withinss.push_back(fit.withinss);
    }
  });
  return withinss;
}

}  // namespace sketchvae
