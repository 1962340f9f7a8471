#include "cpu.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace sketchvae {

CpuLevel best_cpu_level() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    return CpuLevel::avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CpuLevel::avx2;
#endif
  return CpuLevel::baseline;
}

namespace {

CpuLevel wanted() {
  const char* name = std::getenv("SKETCHVAE_CPU");
  if (name == nullptr) return CpuLevel::avx512;
  const std::string_view given(name);
  if (given == "baseline") return CpuLevel::baseline;
  return given == "avx2" ? CpuLevel::avx2 : CpuLevel::avx512;
}

}  // namespace

CpuLevel cpu_level() {
  static const CpuLevel level = std::min(best_cpu_level(), wanted());
  return level;
}

bool is_intel() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_is("intel");
#else
  return false;
#endif
}

const char* name_of(CpuLevel level) {
  switch (level) {
    case CpuLevel::avx512: return "AVX-512";
    case CpuLevel::avx2: return "AVX2";
    case CpuLevel::baseline: break;
  }
#if defined(__x86_64__)
  return "SSE2";
#elif defined(__aarch64__)
  return "NEON";
#else
  return "no vector extensions";
#endif
}

}  // namespace sketchvae
