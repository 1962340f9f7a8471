#include "buffer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kLine = 64, kHugePage = int64_t{2} << 20;

std::align_val_t alignment(bool huge_pages) {
  return static_cast<std::align_val_t>(huge_pages ? kHugePage : kLine);
}

}  // namespace

void FreeMemory::operator()(std::byte* memory) const {
  ::operator delete(memory, alignment(huge_pages));
}

Memory allocate(int64_t bytes) {
  const bool huge_pages = bytes >= kHugePage;
  const int64_t unit = huge_pages ? kHugePage : kLine;
  const int64_t whole = (std::max<int64_t>(bytes, 1) + unit - 1) / unit * unit;
  void* memory = ::operator new(static_cast<size_t>(whole), alignment(huge_pages), std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  Memory owned(static_cast<std::byte*>(memory), FreeMemory{huge_pages});
#ifdef __linux__
  if (huge_pages) madvise(memory, static_cast<size_t>(whole), MADV_HUGEPAGE);
#endif
  std::memset(memory, 0, static_cast<size_t>(whole));
  return owned;
}

float* FloatBuffer::at_least(int64_t n) {
  if (size_ < n) {
    memory_.reset();  // first, so that both are never held
    const int64_t bytes = n * static_cast<int64_t>(sizeof(float));
    try {
      memory_ = allocate(bytes);
    } catch (const std::bad_alloc&) {
      size_ = 0;
      throw Error("there is not enough memory for this batch; try a smaller batch_size (" +
                  std::to_string(bytes >> 20) + " MB wanted)");
    }
    size_ = n;
  }
  return data();
}

float* FloatBuffer::zeros(int64_t n) {
  float* values = at_least(n);
  std::fill_n(values, n, 0.0f);
  size_ = n;
  return values;
}

}  // namespace sketchvae
