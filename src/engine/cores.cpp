// Counts cores from the affinity mask, /sys and the control group; hardware_concurrency() counts
// hyperthreads and knows no quota. Tested in tests/cpp/test_cores.cpp.
#include "cores.h"

#ifdef __linux__
#include <sched.h>
#endif
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace sketchvae {

namespace {

#ifdef __linux__
int read_int(const std::string& path, int otherwise) {
  std::ifstream file(path);
  int value = otherwise;
  return file >> value ? value : otherwise;
}

int cores_of_affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 0;
  std::set<std::pair<int, int>> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string dir = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    // Without /sys every CPU counts as a core of its own.
    cores.emplace(read_int(dir + "physical_package_id", 0), read_int(dir + "core_id", -1 - cpu));
  }
  return static_cast<int>(cores.size());
}

// "200000 100000": microseconds of CPU time in each period; "max" when unlimited.
int cores_of_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return 0;
  return std::max(1, static_cast<int>(std::floor(quota / period)));
}
#endif

}  // namespace

int physical_cores() {
  int cores = 0;
#ifdef __linux__
  cores = cores_of_affinity();
  const int quota = cores_of_quota();
  if (cores > 0 && quota > 0) cores = std::min(cores, quota);
#endif
  if (cores == 0) cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, cores);
}

double peak_memory() {
  struct rusage usage {};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#ifdef __APPLE__
  return static_cast<double>(usage.ru_maxrss);
#else
  return static_cast<double>(usage.ru_maxrss) * 1024;
#endif
}

}  // namespace sketchvae
