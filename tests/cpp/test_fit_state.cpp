// src/engine/train/fit_state.h
#include "train/fit_state.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "data/json.h"

using namespace sketchvae;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool same(const Losses& a, const Losses& b) {
  return same(a.loss, b.loss) && same(a.reconstruction, b.reconstruction) && same(a.kl, b.kl) &&
         same(a.regularization, b.regularization);
}

// As a checkpoint's file holds it.
FitState through_a_file(const FitState& state) {
  Checkpoint checkpoint = write_fit_state(state);
  const std::string text = write_json(checkpoint.state, NonFinite::named);
  checkpoint.state = read_json(text, NonFinite::named);
  return read_fit_state(std::move(checkpoint));
}

}  // namespace

TEST_CASE("a fit's state comes back as it was, numbers that are not finite too") {
  FitState s;
  s.epoch = 7;
  s.step = 3;
  s.total_steps = (int64_t{1} << 40) + 3;
  s.sums = {{kInf, -kInf, kNan, 0.1}, 24};
  s.epoch_seconds = 0.25;
  s.history = {{5, 0.5, 1e-3, {1.0 / 3, kNan, kInf, 0}, std::nullopt, 2},
               {6, kInf, 1e-4, {-0.1, 2, 3, 4}, Losses{kNan, 1, -kInf, 1e-300}, 3}};
  s.learning_rate_factor = 0.1;
  s.epoch_factor = 0.2;
  s.last_asked = s.restore_kept = true;
  s.finished_at = 9;
  s.kept_epoch = 4;
  s.threads = 3;
  s.snapshot = {std::byte{1}, std::byte{2}};
  s.kept = {std::byte{3}};
  const FitState t = through_a_file(s);
  CHECK(t.epoch == 7);
  CHECK(t.step == 3);
  CHECK(t.total_steps == s.total_steps);
  CHECK(same(t.sums.of, s.sums.of));
  CHECK(t.sums.drawings == 24);
  CHECK(t.epoch_seconds == 0.25);
  REQUIRE(t.history.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(t.history[i].epoch == s.history[i].epoch);
    CHECK(same(t.history[i].kl_weight, s.history[i].kl_weight));
    CHECK(t.history[i].learning_rate == s.history[i].learning_rate);
    CHECK(same(t.history[i].train, s.history[i].train));
    CHECK(t.history[i].seconds == s.history[i].seconds);
  }
  CHECK_FALSE(t.history[0].validation);
  REQUIRE(t.history[1].validation);
  CHECK(same(*t.history[1].validation, *s.history[1].validation));
  CHECK(t.learning_rate_factor == 0.1);
  CHECK(t.epoch_factor == 0.2);
  CHECK(t.last_asked);
  CHECK(t.restore_kept);
  CHECK(t.finished_at == 9);
  CHECK(t.kept_epoch == 4);
  CHECK(t.threads == 3);
  CHECK(t.snapshot == s.snapshot);
  CHECK(t.kept == s.kept);
}

TEST_CASE("between epochs the parameters are the last finished epoch's: none are written twice") {
  FitState s;
  s.snapshot = {std::byte{1}};
  CHECK(write_fit_state(s).snapshot.empty());
}

TEST_CASE("a state of an earlier version is read: no factor of the epoch, null for what is not finite") {
  Checkpoint old;
  old.state = read_json(R"({"epoch":2,"step":0,"total_steps":4,"learning_rate_factor":0.5,"epoch_seconds":0,
    "threads":1,"finished_at":0,"sums":[null,0,0,0],"sums_drawings":0,
    "history":[{"epoch":1,"kl_weight":1,"learning_rate":0.1,"train":[1,null,2,3],"validation":null,"seconds":1}]})");
  const FitState s = read_fit_state(old);
  CHECK(s.epoch_factor == 0.5);
  CHECK_FALSE(s.last_asked);
  CHECK_FALSE(s.restore_kept);
  CHECK(s.kept_epoch == 0);
  CHECK(std::isnan(s.sums.of.loss));
  CHECK(std::isnan(s.history[0].train.reconstruction));
}
