// What marks a function as the body of a kernel: compiled for the device by nvcc, and for the CPU
// by every compiler, so that the arithmetic of a kernel can be tested without a GPU.
#pragma once

#ifdef __CUDACC__
#define SKETCHVAE_BODY __host__ __device__ inline
#else
#define SKETCHVAE_BODY inline
#endif
