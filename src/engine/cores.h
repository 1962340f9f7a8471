// What the machine gives: threads to use when nobody says, memory used so far. Tested in tests/cpp/test_cores.cpp.
#pragma once

namespace sketchvae {

// The physical cores this process may run on, at least 1: CPUs of the affinity mask, two
// hyperthreads of a core counting once, and no more than the control group's CPU quota allows.
int physical_cores();

// The most threads that OpenMP allows this process (OMP_THREAD_LIMIT), at least 1.
int thread_limit();

// Threads to use when nobody says: the physical cores, within the limit.
int default_threads();

// How many of so many threads the system starts when they are to live at the same time, with stacks as large
// as OpenMP's. They have ended when this returns.
int threads_granted(int wanted);

// The most memory this process has held so far, in bytes.
double peak_memory();

}  // namespace sketchvae
