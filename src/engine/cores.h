// What the machine gives: threads to use when nobody says, memory used so far. Tested in tests/cpp/test_cores.cpp.
#pragma once

namespace sketchvae {

// The physical cores this process may run on, at least 1: CPUs of the affinity mask, two
// hyperthreads of a core counting once, and no more than the control group's CPU quota allows.
int physical_cores();

// The most memory this process has held so far, in bytes.
double peak_memory();

}  // namespace sketchvae
