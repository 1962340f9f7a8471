// src/engine/ops/optimizer.h: every rule against its formula in double, entry by entry; dense and
// factored gradients; all small sizes, odd shapes and shapes that cross blocks and threads.
#include "ops/optimizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "data/json.h"
#include "error.h"
#include "random/philox.h"

using namespace sketchvae;

namespace {

using Numbers = std::vector<double>;

Numbers normals(int64_t n, uint32_t lane, double scale = 1) {
  std::vector<float> x(static_cast<size_t>(n));
  fill_normal({11, 0, 0, Stream::noise, lane}, x.data(), n);
  Numbers values(x.begin(), x.end());
  for (double& v : values) v *= scale;
  return values;
}

template <typename T>
std::vector<T> as(const Numbers& x) {
  return {x.begin(), x.end()};
}

struct State {
  Numbers w, first, second;
};

// Keras' formulas, one entry at a time.
void naive(const OptimizerSpec& o, State& s, Numbers g, double l2, double lr, int64_t t, double factor) {
  const double correction = std::sqrt(1 - std::pow(o.beta_2, t)) / (1 - std::pow(o.beta_1, t));
  for (size_t i = 0; i < s.w.size(); ++i) {
    double x = (g[i] + 2 * l2 * s.w[i]) * factor;
    if (o.clipvalue > 0) x = std::clamp(x, -o.clipvalue, o.clipvalue);
    double &w = s.w[i], &a = s.first[i], &b = s.second[i];
    if (o.rule == Rule::sgd && o.momentum == 0) {
      w -= lr * x;
    } else if (o.rule == Rule::sgd) {
      a = o.momentum * a - lr * x;
      w += o.nesterov ? o.momentum * a - lr * x : a;
    } else if (o.rule == Rule::rmsprop) {
      a = o.rho * a + (1 - o.rho) * x * x;
      const double move = o.epsilon_inside ? lr * x / std::sqrt(a + o.epsilon)
                                           : lr * x / (std::sqrt(a) + o.epsilon);
      if (o.momentum == 0) {
        w -= move;
      } else {
        b = o.momentum * b + move;
        w -= b;
      }
    } else {
      w -= lr * o.weight_decay * w;
      a = o.beta_1 * a + (1 - o.beta_1) * x;
      b = o.beta_2 * b + (1 - o.beta_2) * x * x;
      w -= lr * correction * a / (std::sqrt(b) + o.epsilon);
    }
  }
}

Numbers product(const Numbers& a, const Numbers& b, int64_t rows, int64_t in, int64_t out) {
  Numbers g(static_cast<size_t>(in * out), 0.0);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t i = 0; i < in; ++i) {
      for (int64_t j = 0; j < out; ++j) {
        g[static_cast<size_t>(i * out + j)] +=
            a[static_cast<size_t>(r * in + i)] * b[static_cast<size_t>(r * out + j)];
      }
    }
  }
  return g;
}

std::vector<OptimizerSpec> rules() {
  std::vector<OptimizerSpec> all;
  for (const char* text :
       {R"({"kind":"sgd"})", R"({"kind":"sgd","momentum":0.9})",
        R"({"kind":"sgd","momentum":0.9,"nesterov":true})", R"({"kind":"rmsprop"})",
        R"({"kind":"rmsprop","epsilon_inside":false,"rho":0.8})",
        R"({"kind":"rmsprop","momentum":0.5})", R"({"kind":"adam"})",
        R"({"kind":"adamw","weight_decay":0.1})", R"({"kind":"adam","clipvalue":0.5})"}) {
    all.push_back(read_optimizer(read_json(text)));
  }
  return all;
}

// One step of the engine on every parameter that has a gradient; the global norm when it clips by it.
double optimizer_step(const OptimizerSpec& o, Arena& arena, const std::vector<Gradient>& gradients,
                      const std::vector<double>& l2, double lr, int64_t t, int threads) {
  std::vector<SweepTask> tasks;
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].dense && !gradients[i].a) continue;
    tasks.push_back(sweep_task(arena, static_cast<int64_t>(i), gradients[i], l2[i]));
  }
  const StepRow row = step_row(o, lr, t);
  const int64_t step = 0;
  SweepJob job;
  job.optimizer = o;
  job.is_double = arena.dtype() == Dtype::float64;
  job.rows = &row;
  job.step = &step;
  const double norm = std::sqrt(sum_of_squares(tasks, job.is_double));
  const double factor = o.clipnorm > 0 ? clip_factor(o.clipnorm, norm) : 1;
  job.factor = &factor;
  std::copy(tasks.begin(), tasks.end(), job.task);
  job.tasks = static_cast<int>(tasks.size());
  sweep_on_host(job, threads);
  return norm;
}

// Three steps of the engine and of the formula; the largest difference, relative to 1 + |w|.
template <typename T>
double difference(const OptimizerSpec& o, int64_t in, int64_t out, int64_t rows, double l2, int threads) {
  const int64_t n = in * out;
  const Shape shape = in == 1 && rows == 0 ? Shape{out} : Shape{in, out};
  Arena arena({{"x/kernel", Role::kernel, shape, in, out, false}},
              sizeof(T) == 4 ? Dtype::float32 : Dtype::float64, slots_of(o));
  State s{normals(n, 1), Numbers(static_cast<size_t>(n), 0.0), Numbers(static_cast<size_t>(n), 0.0)};
  // The formula starts from what the arena can hold.
  const auto start = as<T>(s.w);
  s.w.assign(start.begin(), start.end());
  std::copy(start.begin(), start.end(), arena.value_as<T>(0));
  const double lr = 0.01;
  for (int64_t t = 1; t <= 3; ++t) {
    const auto lane = static_cast<uint32_t>(10 * t);
    Gradient g;
    Numbers dense;
    std::vector<T> x, y;
    if (rows == 0) {
      x = as<T>(normals(n, lane));
      dense.assign(x.begin(), x.end());
      g.dense = x.data();
    } else {
      x = as<T>(normals(rows * in, lane, 0.5));
      y = as<T>(normals(rows * out, lane + 1, 0.5));
      dense = product(Numbers(x.begin(), x.end()), Numbers(y.begin(), y.end()), rows, in, out);
      g = {nullptr, x.data(), y.data(), rows};
    }
    double norm = 0;
    for (size_t i = 0; i < dense.size(); ++i) {
      const double v = dense[i] + 2 * l2 * s.w[i];
      norm += v * v;
    }
    norm = std::sqrt(norm);
    const double factor = o.clipnorm > 0 && norm > o.clipnorm ? o.clipnorm / norm : 1;
    naive(o, s, dense, l2, lr, t, factor);
    const double given = optimizer_step(o, arena, {g}, {l2}, lr, t, threads);
    if (o.clipnorm > 0 && std::abs(given - norm) > 1e-4 * norm) return 1e9;
  }
  double most = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double w = s.w[static_cast<size_t>(i)];
    const double d = std::abs(arena.value_as<T>(0)[i] - w) / (1 + std::abs(w));
    if (!(d <= most)) most = d;
  }
  return most;
}

// Rounding of three steps. RMSprop and Adam divide by the root of a gradient's square, so that a
// gradient whose sum nearly cancels keeps few of float32's digits: up to a learning rate's share.
constexpr double kSingle = 2e-5, kDouble = 1e-12;

}  // namespace

TEST_CASE("every rule moves vectors of every size as its formula does") {
  for (const OptimizerSpec& o : rules()) {
    for (int64_t n = 1; n <= 65; ++n) {
      CAPTURE(n);
      CHECK(difference<float>(o, 1, n, 0, 0, 1) < kSingle);
      CHECK(difference<double>(o, 1, n, 0, 0.01, 1) < kDouble);
    }
  }
}

TEST_CASE("every rule moves matrices of odd shapes, dense and factored") {
  const std::pair<int64_t, int64_t> shapes[] = {{1, 1}, {2, 3}, {5, 16}, {7, 33}, {6, 64}, {13, 65},
                                                {12, 127}, {33, 129}, {3, 4099}, {70, 257}};
  for (const OptimizerSpec& o : rules()) {
    for (const std::pair<int64_t, int64_t>& shape : shapes) {
      const int64_t in = shape.first, out = shape.second;
      CAPTURE(in);
      CAPTURE(out);
      CHECK(difference<float>(o, in, out, 0, 0.01, 1) < kSingle);
      for (const int64_t rows : {1, 3, 8}) {
        CAPTURE(rows);
        CHECK(difference<float>(o, in, out, rows, 0.01, 1) < kSingle);
        CHECK(difference<double>(o, in, out, rows, 0, 1) < kDouble);
      }
    }
  }
}

TEST_CASE("clipping by the global norm, dense and factored, l2 included") {
  for (OptimizerSpec o : rules()) {
    o.clipnorm = 1.5;
    for (const int64_t rows : {0, 1, 5}) {
      CHECK(difference<float>(o, 9, 35, rows, 0.02, 1) < kSingle);
      CHECK(difference<double>(o, 9, 35, rows, 0.02, 1) < 1e-10);
    }
  }
}

TEST_CASE("a global norm that is not finite makes every weight NaN, as in Keras") {
  for (const char* kind : {"sgd", "rmsprop", "adam"}) {
    for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
      for (const bool factored : {false, true}) {
        const OptimizerSpec o =
            read_optimizer(read_json(R"({"clipnorm": 1, "kind": ")" + std::string(kind) + "\"}"));
        Arena arena({{"a/kernel", Role::kernel, {3, 40}, 3, 40, false}, {"b/bias", Role::bias, {7}, 0, 0, false}},
                    Dtype::float32, slots_of(o));
        initialize(arena, 1);
        std::vector<float> dense(120, 0.1f);
        (factored ? dense[1] : dense[65]) = bad;
        const std::vector<float> ones(40, 1.0f), bias(7, 0.1f);
        const Gradient kernel = factored ? Gradient{nullptr, dense.data(), ones.data(), 1}
                                         : Gradient{dense.data(), nullptr, nullptr, 0};
        optimizer_step(o, arena, {kernel, {bias.data(), nullptr, nullptr, 0}}, {0, 0}, 0.1, 1, 1);
        for (int64_t i = 0; i < 120; ++i) REQUIRE(std::isnan(arena.value_as<float>(0)[i]));
        for (int64_t i = 0; i < 7; ++i) REQUIRE(std::isnan(arena.value_as<float>(1)[i]));
      }
    }
  }
}

TEST_CASE("any number of threads gives the same bits") {
  const OptimizerSpec o = read_optimizer(read_json(R"({"kind":"rmsprop"})"));
  for (const auto& [in, out] : std::vector<std::pair<int64_t, int64_t>>{{700, 65}, {3, 20000}, {1, 40000}}) {
    std::vector<std::vector<std::byte>> results;
    for (const int threads : {1, 2, 3}) {
      for (const bool factored : {false, true}) {
        Arena arena({{"x/kernel", Role::kernel, {in, out}, in, out, false}}, Dtype::float32, 1);
        initialize(arena, 1);
        // One row of ones times b: the same gradient in both forms.
        const auto b = as<float>(normals(out, 3));
        const std::vector<float> a(static_cast<size_t>(in), 1.0f);
        std::vector<float> dense;
        for (int64_t i = 0; i < in; ++i) dense.insert(dense.end(), b.begin(), b.end());
        const Gradient g = factored ? Gradient{nullptr, a.data(), b.data(), 1} : Gradient{dense.data(), nullptr, nullptr, 0};
        optimizer_step(o, arena, {g}, {0.0}, 0.01, 1, threads);
        results.emplace_back(arena.all().begin(), arena.all().end());
      }
    }
    for (const auto& result : results) CHECK(result == results[0]);
  }
}

TEST_CASE("a parameter without a gradient is left alone, and so are moving averages") {
  Arena arena({{"a", Role::kernel, {3}, 1, 3, false}, {"b", Role::moving_mean, {2}, 0, 0, false},
               {"c", Role::bias, {2}, 0, 0, false}},
              Dtype::float32, 2);
  initialize(arena, 1);
  const std::vector<std::byte> before(arena.all().begin(), arena.all().end());
  const float g[] = {1, 1};
  optimizer_step(read_optimizer(read_json(R"({"kind":"adam"})")), arena, {{}, {}, {g, nullptr, nullptr, 0}},
                 {0, 0, 0}, 0.1, 1, 1);
  CHECK(std::memcmp(before.data(), arena.value(0), static_cast<size_t>(arena.bytes_of(0))) == 0);
  CHECK(arena.value_as<float>(2)[0] == doctest::Approx(-0.1));
}

TEST_CASE("optimizers are read with their defaults, and what they cannot be is refused") {
  CHECK(read_optimizer(read_json(R"({"kind":"sgd"})")).learning_rate == 0.01);
  CHECK(read_optimizer(read_json(R"({"kind":"adamw"})")).weight_decay == 0.004);
  CHECK(slots_of(read_optimizer(read_json(R"({"kind":"rmsprop","momentum":0.1})"))) == 2);
  for (const char* text : {R"({"kind":"adagrad"})", R"({"kind":"adam","beta_1":2})",
                           R"({"kind":"sgd","momentum":-1})", R"({"learning_rate":1})"}) {
    CHECK_THROWS_AS(read_optimizer(read_json(text)), Error);
  }
}
