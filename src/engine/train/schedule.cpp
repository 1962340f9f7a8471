#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/json.h"
#include "error.h"

namespace sketchvae {
namespace {

double number(const Json& json, const char* key, double otherwise, double low) {
  const Json* value = json.find(key);
  if (value == nullptr || value->is_null()) return otherwise;
  const double given = value->number(key);
  if (!(given >= low && given <= 1e9)) throw Error(std::string(key) + " is out of range");
  return given;
}

}  // namespace

double KlSchedule::weight(int64_t epoch, int64_t step, int64_t steps_per_epoch) const {
  auto e = static_cast<double>(by_step ? (epoch - 1) * steps_per_epoch + step + 1 : epoch);
  switch (kind) {
    case Kind::none:
      return 1;
    case Kind::cyclical:
      e = std::fmod(e - 1, period) + 1;
      [[fallthrough]];
    case Kind::linear:
      return std::clamp((e - start) / steep, 0.0, 1.0);
    case Kind::sigmoid:
      return 1 / (1 + std::exp(-(e - start) / steep));
  }
  return 1;
}

KlSchedule read_kl_schedule(const Json& json) {
  KlSchedule schedule;
  const std::string& kind = json.at("kind").string("kl schedule");
  if (kind == "none") schedule.kind = KlSchedule::Kind::none;
  else if (kind == "linear") schedule.kind = KlSchedule::Kind::linear;
  else if (kind == "sigmoid") schedule.kind = KlSchedule::Kind::sigmoid;
  else if (kind == "cyclical") schedule.kind = KlSchedule::Kind::cyclical;
  else throw Error("'" + kind + "' is not a KL schedule; there are none, linear, cyclical, sigmoid");
  schedule.start = number(json, "start", 0, -1e9);
  schedule.steep = number(json, "steep", 1, 1e-9);
  schedule.period = number(json, "period", 1, 1);
  if (const Json* by = json.find("by"); by && !by->is_null()) {
    schedule.by_step = by->string("by") == "step";
  }
  return schedule;
}

double LrSchedule::rate(int64_t epoch) const {
  switch (kind) {
    case Kind::constant:
      return 1;
    case Kind::step:
      return std::pow(factor, static_cast<double>((epoch - 1) / every));
    case Kind::cosine: {
      const double done = static_cast<double>(epoch - first);
      const double share = std::clamp(done / static_cast<double>(std::max<int64_t>(last - first, 1)), 0.0, 1.0);
      return floor + (1 - floor) * (1 + std::cos(std::numbers::pi * share)) / 2;
    }
  }
  return 1;
}

LrSchedule read_lr_schedule(const Json& json) {
  LrSchedule schedule;
  const std::string& kind = json.at("kind").string("learning-rate schedule");
  if (kind == "constant" || kind == "plateau") schedule.kind = LrSchedule::Kind::constant;
  else if (kind == "step") schedule.kind = LrSchedule::Kind::step;
  else if (kind == "cosine") schedule.kind = LrSchedule::Kind::cosine;
  else throw Error("'" + kind + "' is not a learning-rate schedule; there are constant, step, cosine, plateau");
  schedule.factor = number(json, "factor", 0.5, 0);
  schedule.floor = number(json, "floor", 0, 0);
  schedule.every = static_cast<int64_t>(number(json, "every", 10, 1));
  schedule.first = static_cast<int64_t>(number(json, "first", 1, 1));
  schedule.last = static_cast<int64_t>(number(json, "last", 1, 1));
  return schedule;
}

}  // namespace sketchvae
