// Marshalling for R/vae_fit.R.
#include "rcpp_fit.h"

#include "cores.h"
#include "data/files.h"
#include "rcpp_json.h"
#include "train/fingerprint.h"

namespace sketchvae {

Rcpp::List columns_of(const std::vector<EpochRow>& history) {
  const auto column = [&](auto get) {
    Rcpp::NumericVector values(history.size());
    std::transform(history.begin(), history.end(), values.begin(), get);
    return values;
  };
  const auto validated = [&](double Losses::* field) {
    return column([field](const EpochRow& r) { return r.validation ? (*r.validation).*field : NA_REAL; });
  };
  using R = const EpochRow&;
  return Rcpp::List::create(
      Rcpp::_["epoch"] = column([](R r) { return static_cast<double>(r.epoch); }),
      Rcpp::_["kl_weight"] = column([](R r) { return r.kl_weight; }),
      Rcpp::_["learning_rate"] = column([](R r) { return r.learning_rate; }),
      Rcpp::_["loss"] = column([](R r) { return r.train.loss; }),
      Rcpp::_["reconstruction"] = column([](R r) { return r.train.reconstruction; }),
      Rcpp::_["kl"] = column([](R r) { return r.train.kl; }),
      Rcpp::_["regularization"] = column([](R r) { return r.train.regularization; }),
      Rcpp::_["val_loss"] = validated(&Losses::loss),
      Rcpp::_["val_reconstruction"] = validated(&Losses::reconstruction),
      Rcpp::_["val_kl"] = validated(&Losses::kl),
      Rcpp::_["seconds"] = column([](R r) { return r.seconds; }));
}

template <typename... Arguments>
Verdict RFitHost::call(const char* name, const Arguments&... arguments) {
  const SEXP closure = callbacks_[name];
  if (Rf_isNull(closure)) return Verdict::go_on;
  const auto answer = Rcpp::as<Rcpp::List>(call_r(closure, arguments...));
  trainer_.state().learning_rate_factor = Rcpp::as<double>(answer["factor"]);
  trainer_.state().restore_kept = Rcpp::as<bool>(answer["restore"]);
  if (Rcpp::as<bool>(answer["keep"])) trainer_.keep_weights();
  const auto verdict = Rcpp::as<std::string>(answer["verdict"]);
  if (verdict == "finish") return Verdict::finish;
  if (verdict == "fail") return Verdict::fail;
  return verdict == "interrupt" ? Verdict::interrupt : Verdict::go_on;
}

Verdict RFitHost::on_begin(Trainer& trainer) {
  return call("begin", columns_of(trainer.state().history), trainer.state().learning_rate_factor, trainer.state().restore_kept,
              weights_);
}

Verdict RFitHost::on_batch(const BatchState& s) {
  const auto now = std::chrono::steady_clock::now();
  const bool due = batch_every_ > 0 ? s.step % static_cast<int64_t>(batch_every_) == 0
                                    : now - last_ >= std::chrono::milliseconds(100) || s.step == s.steps;
  if (!due) return Verdict::go_on;
  last_ = now;
  const Rcpp::List state = Rcpp::List::create(
      Rcpp::_["epoch"] = static_cast<double>(s.epoch),
      Rcpp::_["last_epoch"] = static_cast<double>(s.last_epoch),
      Rcpp::_["step"] = static_cast<double>(s.step), Rcpp::_["steps"] = static_cast<double>(s.steps),
      Rcpp::_["drawings"] = static_cast<double>(s.drawings), Rcpp::_["seconds"] = s.seconds,
      Rcpp::_["kl_weight"] = s.kl_weight, Rcpp::_["loss"] = s.mean.loss,
      Rcpp::_["reconstruction"] = s.mean.reconstruction, Rcpp::_["kl"] = s.mean.kl);
  return call("batch", state, weights_);
}

Verdict RFitHost::on_epoch(Trainer& trainer) {
  return call("epoch", columns_of(trainer.state().history), weights_);
}

void RFitHost::on_new_folder() {
  const Rcpp::RObject why = call_r(callbacks_["record_again"]);
  if (!why.isNULL()) throw Error(Rcpp::as<std::string>(why));
}

}  // namespace sketchvae

// [[Rcpp::export]]
Rcpp::List fit_cpp(Rcpp::List drawings, Rcpp::List validation, Rcpp::List model,
                   Rcpp::List options, Rcpp::RawVector weights, Rcpp::List checkpoint,
                   Rcpp::List callbacks) {
  using namespace sketchvae;
  const InterruptsHeld interrupts_held;
  guard();
  const ModelSpec spec = read_model(to_json(model));
  const MemorySource train = source_of(drawings), held = source_of(validation);
  Trainer trainer(spec, read_fit_options(to_json(options)), train, held.size() ? &held : nullptr);
  if (weights.size() > 0) trainer.set_weights(bytes_of(weights));
  trainer.use_checkpoints(read_checkpoint_place(to_json(checkpoint)));
  // The folder is this fit's now: what else it keeps can be written.
  if (checkpoint.size() > 0) call_r(callbacks["record"], trainer.resumed());
  RFitHost host(callbacks, trainer);
  const Ending ending = trainer.run(host);
  return Rcpp::List::create(
      Rcpp::_["weights"] = raw_of(write_weights(trainer.arena(), {})),
      Rcpp::_["history"] = columns_of(trainer.state().history),
      Rcpp::_["ending"] = static_cast<int>(ending), Rcpp::_["warnings"] = trainer.state().warnings,
      Rcpp::_["threads"] = trainer.options().threads,
      Rcpp::_["plan"] = name_of(trainer.options().plan),
      Rcpp::_["restored_epoch"] = static_cast<double>(trainer.state().restored_epoch));
}

// The parameters, as they are now, of the fit that a callback watches.
// [[Rcpp::export]]
Rcpp::RawVector live_weights_cpp(SEXP live) {
  using namespace sketchvae;
  Trainer* const trainer = *LiveWeights(live).checked_get();
  if (trainer == nullptr) throw Error("this fit has ended; its weights are in the fit itself");
  return raw_of(write_weights(trainer->arena(), {}));
}

// [[Rcpp::export]]
std::vector<std::string> fingerprint_differences_cpp(std::string here, std::string there) {
  return sketchvae::fingerprint_differences(here, there);
}

// [[Rcpp::export]]
std::string hash_cpp(Rcpp::RawVector bytes) {
  return std::to_string(sketchvae::hash_bytes(sketchvae::bytes_of(bytes)));
}

// The most memory this process has held so far, in bytes.
// [[Rcpp::export]]
double peak_memory_cpp() { return sketchvae::peak_memory(); }
