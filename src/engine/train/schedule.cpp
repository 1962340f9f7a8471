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
  if (!(given >= low && given < 1e9)) throw Error(std::string(key) + " is out of range");
  return given;
}

}  // namespace

double KlSchedule::weight(int64_t epoch, int64_t step, int64_t steps_per_epoch) const {
  double e = static_cast<double>(epoch);
  if (by_step) {
    e = static_cast<double>(epoch - 1) +
        static_cast<double>(step + 1) / static_cast<double>(std::max<int64_t>(steps_per_epoch, 1));
  }
  switch (kind) {
    case Kind::none:
      return 1;
    case Kind::linear:
      if (e <= start) return 0;
      return steep <= 0 ? 1 : std::min((e - start) / steep, 1.0);
    case Kind::sigmoid:
      if (e <= start) return 0;
      return steep <= 0 ? 1 : 1 / (1 + std::exp(-12 * (e - start - steep / 2) / steep));
    case Kind::cyclical: {
      // The first whole epoch of a cycle is above 0, as with the linear ramp.
      const double at = std::fmod(by_step ? e : e - 1, period) + (by_step ? 0 : 1);
      return std::min(2 * at / period, 1.0);
    }
  }
  return 1;
}

bool KlSchedule::unfinished(int64_t epochs) const {
  return (kind == Kind::linear || kind == Kind::sigmoid) &&
         static_cast<double>(epochs) < start + steep;
}

KlSchedule read_kl_schedule(const Json& json) {
  KlSchedule schedule;
  const std::string& kind = json.at("kind").string("kl schedule");
  if (kind == "none") schedule.kind = KlSchedule::Kind::none;
  else if (kind == "linear") schedule.kind = KlSchedule::Kind::linear;
  else if (kind == "sigmoid") schedule.kind = KlSchedule::Kind::sigmoid;
  else if (kind == "cyclical") schedule.kind = KlSchedule::Kind::cyclical;
  else throw Error("'" + kind + "' is not a KL schedule; there are none, linear, sigmoid, cyclical");
  schedule.start = number(json, "start", 0, 0);
  schedule.steep = number(json, "steep", 1, 0);
  schedule.period = number(json, "period", 10, 1);
  if (const Json* by = json.find("by"); by && !by->is_null()) {
    schedule.by_step = by->string("by") == "step";
  }
  return schedule;
}

double LrSchedule::rate(int64_t epoch, int64_t epochs) const {
  switch (kind) {
    case Kind::constant:
      return 1;
    case Kind::step:
      return std::pow(factor, static_cast<double>((epoch - 1) / every));
    case Kind::cosine: {
      const double share = epochs > 1 ? std::min(static_cast<double>(epoch - 1) /
                                                     static_cast<double>(epochs - 1), 1.0) : 0;
      return floor + (1 - floor) * (1 + std::cos(std::numbers::pi * share)) / 2;
    }
  }
  return 1;
}

LrSchedule read_lr_schedule(const Json& json) {
  LrSchedule schedule;
  const std::string& kind = json.at("kind").string("learning-rate schedule");
  if (kind == "constant") schedule.kind = LrSchedule::Kind::constant;
  else if (kind == "step") schedule.kind = LrSchedule::Kind::step;
  else if (kind == "cosine") schedule.kind = LrSchedule::Kind::cosine;
  else throw Error("'" + kind + "' is not a learning-rate schedule; there are constant, step, cosine");
  schedule.factor = number(json, "factor", 0.5, 0);
  schedule.floor = number(json, "floor", 0, 0);
  schedule.every = static_cast<int64_t>(number(json, "every", 10, 1));
  return schedule;
}

}  // namespace sketchvae
