// See search.h. Test: tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include <memory>
#include <numeric>

#include "error.h"
#include "latent/dbscan_run.h"
#include "latent/dims.h"
#include "latent/parallel.h"
#include "latent/search.h"

namespace sketchvae {

std::vector<DbscanCounts> dbscan_search(const Points& points, const std::vector<DbscanPair>& pairs,
                                        int threads, Host& host, int32_t* labels) {
  for (const DbscanPair& pair : pairs) {
    check_eps(pair.eps);
    if (!(pair.min_pts >= 0)) throw Error("`minPts` must not be negative.");
  }
  threads = resolve_threads(threads);
  std::vector<DbscanCounts> counts(pairs.size());
  // Narrow eps takes longest; starting there, the threads end together.
  std::vector<int64_t> order(pairs.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return pairs[a].eps < pairs[b].eps; });
  with_dims(points.d, [&](auto dims) {
    const auto tree = build_tree<dims>(points, threads, host);
    std::vector<std::unique_ptr<DbscanRun<dims>>> runs(threads);
    parallel_tasks(threads, static_cast<int64_t>(pairs.size()), host, /*show=*/true,
                   [&](int64_t task, int worker, const StopFlag& stop) {
                     auto& run = runs[worker];
                     if (!run) {
                       run = std::make_unique<DbscanRun<dims>>(tree, /*workers=*/1, /*pieces=*/1);
                     }
                     const Spread spread = [&](int64_t tasks, const Task& part) {
                       for (int64_t i = 0; i < tasks; ++i) part(i, 0, stop);
                     };
                     const DbscanPair& pair = pairs[order[task]];
                     run->start(pair.eps, pair.min_pts, spread);
                     counts[order[task]] = run->summarise(spread);
                     if (!labels) return;
                     std::vector<uint8_t> core(points.n);
                     run->label(labels + order[task] * points.n, core.data(), spread);
                   });
  });
  return counts;
}

}  // namespace sketchvae
