// Marshalling for R/vae_fit.R.
#include "rcpp_fit.h"

#include "data/files.h"
#include "rcpp_json.h"

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

void RFitHost::on_batch(const BatchState& s) {
  if (on_batch_.isNull()) return;
  const auto now = std::chrono::steady_clock::now();
  const bool due = batch_every_ > 0 ? s.step % batch_every_ == 0
                                    : now - last_ >= std::chrono::milliseconds(100) || s.step == s.steps;
  if (!due) return;
  last_ = now;
  const Rcpp::List state = Rcpp::List::create(
      Rcpp::_["epoch"] = static_cast<double>(s.epoch),
      Rcpp::_["last_epoch"] = static_cast<double>(s.last_epoch),
      Rcpp::_["step"] = static_cast<double>(s.step), Rcpp::_["steps"] = static_cast<double>(s.steps),
      Rcpp::_["drawings"] = static_cast<double>(s.drawings), Rcpp::_["seconds"] = s.seconds,
      Rcpp::_["kl_weight"] = s.kl_weight, Rcpp::_["loss"] = s.mean.loss,
      Rcpp::_["reconstruction"] = s.mean.reconstruction, Rcpp::_["kl"] = s.mean.kl);
  try {
    const Rcpp::RObject answer = Rcpp::Function(on_batch_.get())(state, weights());
    stop_ = stop_ || Rf_isLogical(answer);
  } catch (const Rcpp::internal::InterruptedException&) {
    stop_ = true;
  }
}

bool RFitHost::on_epoch(const EpochRow& row, Trainer& trainer) {
  if (on_epoch_.isNull()) return true;
  try {
    const Rcpp::RObject answer =
        Rcpp::Function(on_epoch_.get())(columns_of({row}), weights());
    if (Rf_isLogical(answer)) return false;
    trainer.learning_rate_factor = Rcpp::as<double>(answer);
  } catch (const Rcpp::internal::InterruptedException&) {
    stop_ = true;
  }
  return true;
}

Rcpp::InternalFunction RFitHost::weights() {
  return Rcpp::InternalFunction(std::function<Rcpp::RawVector()>([trainer = trainer_] {
    if (*trainer == nullptr) throw Error("this fit has ended; its weights are in the fit itself");
    return raw_of(write_weights((*trainer)->arena(), {}));
  }));
}

}  // namespace sketchvae

// [[Rcpp::export]]
Rcpp::List fit_cpp(Rcpp::RawVector pixels, Rcpp::RawVector validation, Rcpp::List model,
                   Rcpp::List options, Rcpp::RawVector weights, Rcpp::List checkpoint,
                   Rcpp::Nullable<Rcpp::Function> on_batch, Rcpp::Nullable<Rcpp::Function> on_epoch,
                   double batch_every) {
  using namespace sketchvae;
  guard();
  const ModelSpec spec = read_model(to_json(model));
  const MemorySource train = source_of(pixels, spec.input), held = source_of(validation, spec.input);
  Trainer trainer(spec, read_fit_options(to_json(options)), train, held.size() ? &held : nullptr);
  if (weights.size() > 0) trainer.set_weights(bytes_of(weights));
  const auto warnings = start_checkpoints(trainer, to_json(checkpoint));
  RFitHost host(on_batch, on_epoch, static_cast<int64_t>(batch_every));
  host.watch(trainer);
  const Ending ending = trainer.run(host);
  return Rcpp::List::create(
      Rcpp::_["weights"] = raw_of(write_weights(trainer.arena(), {})),
      Rcpp::_["history"] = columns_of(trainer.history()),
      Rcpp::_["ending"] = static_cast<int>(ending), Rcpp::_["warnings"] = warnings);
}

// [[Rcpp::export]]
std::string hash_cpp(Rcpp::RawVector bytes) {
  return std::to_string(sketchvae::hash_bytes(sketchvae::bytes_of(bytes)));
}
