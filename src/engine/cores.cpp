// Counts cores from the affinity mask, /sys and the control group; hardware_concurrency() counts
// hyperthreads and knows no quota. Tested in tests/cpp/test_cores.cpp.
#include "cores.h"

#ifdef __linux__
#include <sched.h>
#endif
#ifdef _OPENMP
#include <omp.h>
#endif
#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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

// OMP_STACKSIZE, in bytes: a number of kilobytes, or of what a letter says; 0 where it says nothing.
size_t openmp_stack() {
  for (const char* name : {"OMP_STACKSIZE", "GOMP_STACKSIZE"}) {
    const char* text = std::getenv(name);
    if (text == nullptr) continue;
    char* end = nullptr;
    const unsigned long long size = std::strtoull(text, &end, 10);
    const std::string units = "bkmg";
    const std::string rest(end);
    const size_t at = rest.find_first_not_of(" \t");
    const size_t unit =
        at == std::string::npos ? 1 : units.find(static_cast<char>(std::tolower(rest[at])));
    if (size > 0 && unit != std::string::npos) return static_cast<size_t>(size) << (10 * unit);
  }
  return 0;
}

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

int thread_limit() {
#ifdef _OPENMP
  return std::max(1, omp_get_thread_limit());
#else
  return std::numeric_limits<int>::max();
#endif
}

int default_threads() { return std::min(physical_cores(), thread_limit()); }

int threads_granted(int wanted) {
  std::mutex gate;
  std::vector<pthread_t> started;
  started.reserve(static_cast<size_t>(std::max(wanted, 0)));
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return 0;
  const size_t stack = openmp_stack();
  if (stack > 0) pthread_attr_setstacksize(&attributes, stack);
  {
    const std::lock_guard<std::mutex> shut(gate);
    const auto wait = [](void* at) -> void* {
      const std::lock_guard<std::mutex> pass(*static_cast<std::mutex*>(at));
      return nullptr;
    };
    for (pthread_t thread; static_cast<int>(started.size()) < wanted;) {
      if (pthread_create(&thread, &attributes, wait, &gate) != 0) break;
      started.push_back(thread);
    }
  }
  for (const pthread_t thread : started) pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  return static_cast<int>(started.size());
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
