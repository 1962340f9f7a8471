#include "train/fit_state.h"

#include <limits>
#include <utility>

#include "data/json.h"
#include "error.h"

namespace sketchvae {
namespace {

Json to_json(const Losses& l) {
  return Json(Json::Array{Json(l.loss), Json(l.reconstruction), Json(l.kl), Json(l.regularization)});
}

Losses read_losses(const Json& json) {
  const auto& v = json.array("losses");
  if (v.size() != 4) throw Error("four losses were expected");
  // Checkpoints of earlier versions have null for a loss that is not finite.
  const auto number = [](const Json& loss) {
    return loss.is_null() ? std::numeric_limits<double>::quiet_NaN() : loss.number();
  };
  return {number(v[0]), number(v[1]), number(v[2]), number(v[3])};
}

Json to_json(const EpochRow& row) {
  return Json(Json::Object{{"epoch", Json(row.epoch)},
                           {"kl_weight", Json(row.kl_weight)},
                           {"learning_rate", Json(row.learning_rate)},
                           {"train", to_json(row.train)},
                           {"validation", row.validation ? to_json(*row.validation) : Json()},
                           {"seconds", Json(row.seconds)}});
}

EpochRow read_row(const Json& json) {
  EpochRow row;
  row.epoch = json.at("epoch").integer("epoch");
  row.kl_weight = json.at("kl_weight").number();
  row.learning_rate = json.at("learning_rate").number();
  row.train = read_losses(json.at("train"));
  if (!json.at("validation").is_null()) row.validation = read_losses(json.at("validation"));
  row.seconds = json.at("seconds").number();
  return row;
}

}  // namespace

Checkpoint write_fit_state(const FitState& s) {
  Json::Array rows;
  for (const EpochRow& row : s.history) rows.push_back(to_json(row));
  Checkpoint checkpoint;
  checkpoint.state = Json(Json::Object{{"epoch", Json(s.epoch)},
                                       {"step", Json(s.step)},
                                       {"total_steps", Json(s.total_steps)},
                                       {"learning_rate_factor", Json(s.learning_rate_factor)},
                                       {"epoch_factor", Json(s.epoch_factor)},
                                       {"last_asked", Json(s.last_asked)},
                                       {"restore_kept", Json(s.restore_kept)},
                                       {"kept_epoch", Json(s.kept_epoch)},
                                       {"epoch_seconds", Json(s.epoch_seconds)},
                                       {"threads", Json(s.threads)},
                                       {"plan", Json(s.plan)},
                                       {"finished_at", Json(s.finished_at)},
                                       {"sums", to_json(s.sums.of)},
                                       {"sums_drawings", Json(s.sums.drawings)},
                                       {"history", Json(std::move(rows))}});
  if (s.step > 0) checkpoint.snapshot = s.snapshot;  // else the parameters themselves
  checkpoint.kept = s.kept;
  return checkpoint;
}

FitState read_fit_state(Checkpoint checkpoint) {
  const Json& json = checkpoint.state;
  FitState s;
  s.epoch = json.at("epoch").integer("epoch");
  s.step = json.at("step").integer("step");
  s.total_steps = json.at("total_steps").integer("total_steps");
  s.learning_rate_factor = json.at("learning_rate_factor").number();
  // Versions before had none of these.
  const Json *factor = json.find("epoch_factor"), *last = json.find("last_asked"),
             *restore = json.find("restore_kept"), *kept = json.find("kept_epoch"), *plan = json.find("plan");
  s.epoch_factor = factor ? factor->number() : s.learning_rate_factor;
  s.last_asked = last && last->boolean();
  s.restore_kept = restore && restore->boolean();
  if (plan) s.plan = plan->string();
  s.kept_epoch = kept ? kept->integer() : 0;
  s.epoch_seconds = json.at("epoch_seconds").number();
  s.threads = static_cast<int>(json.at("threads").integer("threads"));
  s.finished_at = json.at("finished_at").integer("finished_at");
  s.sums = {read_losses(json.at("sums")), json.at("sums_drawings").integer("sums_drawings")};
  for (const Json& row : json.at("history").array("history")) s.history.push_back(read_row(row));
  if (s.step > 0) s.snapshot = std::move(checkpoint.snapshot);
  s.kept = std::move(checkpoint.kept);
  return s;
}

}  // namespace sketchvae
