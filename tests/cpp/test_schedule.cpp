// src/engine/train/schedule.h
#include "train/schedule.h"

#include <doctest/doctest.h>

#include <cmath>

#include "data/json.h"
#include "error.h"

using namespace sketchvae;

namespace {

KlSchedule kl(const char* text) { return read_kl_schedule(read_json(text)); }
LrSchedule lr(const char* text) { return read_lr_schedule(read_json(text)); }

}  // namespace

TEST_CASE("a linear KL weight is 0 up to start and 1 from start + steep on") {
  const KlSchedule s = kl(R"({"kind":"linear","start":10,"steep":10})");
  for (int64_t e = 1; e <= 10; ++e) CHECK(s.weight(e, 5, 9) == 0);
  for (int64_t e = 11; e <= 20; ++e) CHECK(s.weight(e, 0, 9) == doctest::Approx((e - 10) / 10.0));
  CHECK(s.weight(20, 0, 9) == 1);
  CHECK(s.weight(1000, 0, 9) == 1);
}

TEST_CASE("by step, steps count from 1 over the whole fit") {
  const KlSchedule s = kl(R"({"kind":"linear","start":10,"steep":20,"by":"step"})");
  CHECK(s.weight(1, 9, 10) == 0);
  CHECK(s.weight(2, 0, 10) == doctest::Approx(1 / 20.0));
  CHECK(s.weight(3, 9, 10) == 1);
}

TEST_CASE("no annealing, cycles and a sigmoid") {
  CHECK(kl(R"({"kind":"none"})").weight(1, 0, 1) == 1);
  const KlSchedule cyclical = kl(R"({"kind":"cyclical","start":1,"steep":2,"period":4})");
  const double expected[] = {0, 0.5, 1, 1, 0, 0.5, 1, 1, 0};
  for (int64_t e = 1; e <= 9; ++e) CHECK(cyclical.weight(e, 0, 1) == expected[e - 1]);
  const KlSchedule sigmoid = kl(R"({"kind":"sigmoid","start":5,"steep":2})");
  CHECK(sigmoid.weight(5, 0, 1) == 0.5);
  CHECK(sigmoid.weight(7, 0, 1) == doctest::Approx(1 / (1 + std::exp(-1.0))));
}

TEST_CASE("learning rates: constant, in steps, a cosine") {
  CHECK(lr(R"({"kind":"constant"})").rate(9) == 1);
  CHECK(lr(R"({"kind":"plateau","factor":0.5})").rate(9) == 1);
  const LrSchedule step = lr(R"({"kind":"step","factor":0.5,"every":3})");
  CHECK(step.rate(3) == 1);
  CHECK(step.rate(4) == 0.5);
  CHECK(step.rate(7) == 0.25);
  const LrSchedule cosine = lr(R"({"kind":"cosine","floor":0.1,"first":4,"last":14})");
  CHECK(cosine.rate(1) == 1);
  CHECK(cosine.rate(4) == 1);
  CHECK(cosine.rate(9) == doctest::Approx(0.55));
  CHECK(cosine.rate(14) == doctest::Approx(0.1));
  CHECK(cosine.rate(15) == doctest::Approx(0.1));
  CHECK(lr(R"({"kind":"cosine","first":1,"last":1})").rate(1) == 1);
}

TEST_CASE("unknown kinds and numbers out of range are refused") {
  for (const char* text : {R"({"kind":"steep"})", R"({"kind":"linear","start":1,"steep":0})",
                           R"({"kind":"cyclical","period":0})", R"({})"}) {
    CHECK_THROWS_AS(kl(text), Error);
  }
  for (const char* text : {R"({"kind":"linear"})", R"({"kind":"step","every":0})",
                           R"({"kind":"cosine","floor":-1})", R"({"kind":"cosine","last":0})"}) {
    CHECK_THROWS_AS(lr(text), Error);
  }
}
