// Which instruction set the kernels of ops/ and latent/ use: the best this machine has, or less on request.
#pragma once

namespace sketchvae {

enum class CpuLevel { baseline, avx2, avx512 };

// The machine's best.
CpuLevel best_cpu_level();

// The level in use: the machine's best, or the environment variable SKETCHVAE_CPU (baseline, avx2,
// avx512) when that is lower. Read once.
CpuLevel cpu_level();

// Whether Intel made this processor.
bool is_intel();

// "AVX-512", "AVX2"; "SSE2" or "NEON", which every processor of its kind has; "no vector extensions".
const char* name_of(CpuLevel level);

}  // namespace sketchvae
