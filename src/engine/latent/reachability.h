// The minimum spanning tree under mutual reachability (Campello et al. 2015): the distance of two
// points, or the core distance of either if that is larger. What DBSCAN finds at any eps, and
// HDBSCAN's hierarchy, can be read off it. Test: tests/cpp/test_latent_path.cpp.
#pragma once

#include <vector>

#include "host.h"
#include "latent/tree.h"

namespace sketchvae {

struct ReachabilityEdge {
  int32_t a;  // sorted positions of its ends
  int32_t b;
  double height2;  // squared
};

// The n - 1 edges, lowest first. core2: squared core distances in sorted order, all finite.
// Borůvka's algorithm: about log2(n) rounds, in each of which every component finds its shortest
// edge to another one. Of equally high edges any may be taken; the heights are unique. Memory is
// linear. Reports progress; throws Interrupted when the host asked to stop.
template <int D>
std::vector<ReachabilityEdge> reachability_tree(const PointTree<D>& tree,
                                                const std::vector<double>& core2, int threads,
                                                Host& host);

// The smallest squared eps at which each point is in a cluster, as a core or as a border point:
// the minimum over all points q of the larger of core2[q] and the squared distance to q.
template <int D>
std::vector<double> joining_distances2(const PointTree<D>& tree, const std::vector<double>& core2,
                                       int threads, Host& host);

}  // namespace sketchvae
