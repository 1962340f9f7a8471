// Lock-free union-find over int32 elements. Roots are the smallest element of their component,
// whatever the order in which threads unite. Test: tests/cpp/test_dbscan.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace sketchvae {

class Components {
 public:
  // Makes room for n elements without touching them: call add() for each that is used.
  void reserve(int64_t n) {
    if (n <= size_) return;
    parent_ = std::make_unique_for_overwrite<std::atomic<int32_t>[]>(static_cast<size_t>(n));
    size_ = n;
  }

  // Makes i a component of its own.
  void add(int32_t i) { parent_[i].store(i, std::memory_order_relaxed); }

  int32_t find(int32_t i) {
    int32_t up = parent_[i].load(std::memory_order_relaxed);
    while (up != i) {
      const int32_t next = parent_[up].load(std::memory_order_relaxed);
      if (next != up) parent_[i].compare_exchange_weak(up, next, std::memory_order_relaxed);
      i = next;
      up = parent_[i].load(std::memory_order_relaxed);
    }
    return i;
  }

  // True if they were apart.
  bool unite(int32_t a, int32_t b) {
    for (;;) {
      a = find(a);
      b = find(b);
      if (a == b) return false;
      if (a > b) std::swap(a, b);
      int32_t expected = b;
      if (parent_[b].compare_exchange_strong(expected, a, std::memory_order_relaxed)) return true;
    }
  }

 private:
  std::unique_ptr<std::atomic<int32_t>[]> parent_;
  int64_t size_ = 0;
};

}  // namespace sketchvae
