// How many threads a long call should use when nobody says. Tested in tests/cpp/test_cores.cpp.
#pragma once

namespace sketchvae {

// The physical cores this process may run on, at least 1: CPUs of the affinity mask, two
// hyperthreads of a core counting once, and no more than the control group's CPU quota allows.
int physical_cores();

}  // namespace sketchvae
