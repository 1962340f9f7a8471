// src/engine/net/reducer.h: two ranks in this process against one.
#include "net/reducer.h"

#include <ATen/ATen.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <barrier>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "data/json.h"
#include "train/trainer.h"

using namespace sketchvae;

namespace {

// What both ranks see: a place for the tensors of each, and where they wait for one another.
struct Meeting {
  std::span<at::Tensor> given[2];
  std::barrier<> both{2};
};

class TwoRanks final : public Reducer {
 public:
  TwoRanks(Meeting& meeting, int rank) : meeting_(meeting), rank_(rank) {}
  bool alone() const override { return false; }
  Share share(int64_t batch) const override {
    const int64_t first = (batch + 1) / 2;
    return rank_ == 0 ? Share{0, first} : Share{first, batch - first};
  }
  void sum(std::span<at::Tensor> tensors) const override {
    meeting_.given[rank_] = tensors;
    meeting_.both.arrive_and_wait();
    std::vector<at::Tensor> sums;
    for (size_t i = 0; i < tensors.size(); ++i) {
      sums.push_back(meeting_.given[0][i] + meeting_.given[1][i]);
    }
    meeting_.both.arrive_and_wait();
    std::copy(sums.begin(), sums.end(), tensors.begin());
  }

 private:
  Meeting& meeting_;
  int rank_;
};

struct Quiet final : FitHost {
  bool should_stop() override { return false; }
};

// Dropout, batch norm, free bits and l2: all that a batch's other rows have a part in.
ModelSpec model(const std::string& reconstruction, double free_bits) {
  return read_model(read_json(R"({"name":"m","input":[5,5,1],
    "encoder":[{"kind":"conv_2d","filters":3,"kernel_size":[3,3],"strides":[1,1],"padding":"same","activation":"relu"},
               {"kind":"batch_norm"},{"kind":"flatten"},{"kind":"dropout","rate":0.2},
               {"kind":"dense","units":6,"activation":"tanh"},{"kind":"batch_norm"}],
    "latent_dim":3,
    "decoder":[{"kind":"dense","units":7,"activation":"tanh"},{"kind":"dropout","rate":0.3},
               {"kind":"dense","units":25,"activation":"sigmoid"}],
    "reconstruction":)" + reconstruction + R"(,
    "kl":{"form":"log_var","reduction":"sum","scale":1,"weight":0.5,"free_bits":)" +
                              std::to_string(free_bits) + R"(},
    "noise":"log_sd","regularizer":{"l2":0.001,"on":"all"},"binarize":null})"));
}

struct Fitted {
  std::vector<Losses> losses;
  std::vector<double> parameters;
};

Fitted fit(const ModelSpec& model, std::shared_ptr<const Reducer> reducer, bool resident) {
  std::vector<uint8_t> bytes;
  for (int64_t i = 0; i < 19 * 25; ++i) bytes.push_back(static_cast<uint8_t>(i * i * 37 / 11));
  const MemorySource source(bytes.data(), 19, {5, 5, 1});
  FitOptions options;
  options.epochs = 3;
  options.batch_size = 8;  // shares of 4 and 4, in the last batch of 2 and 1
  options.optimizer.clipnorm = 1;
  options.dtype = Dtype::float64;
  options.plan = PlanRule::libtorch;
  options.resident = resident;
  options.reducer = std::move(reducer);
  Trainer trainer(model, options, source, nullptr);
  Quiet host;
  CHECK(trainer.run(host) == Ending::finished);
  Fitted fitted;
  for (const EpochRow& row : trainer.state().history) fitted.losses.push_back(row.train);
  for (size_t p = 0; p < trainer.plan().params.size(); ++p) {
    const double* values = trainer.arena().value_as<double>(static_cast<int64_t>(p));
    fitted.parameters.insert(fitted.parameters.end(), values, values + trainer.plan().params[p].size());
  }
  return fitted;
}

}  // namespace

TEST_CASE("two ranks train as one does: losses and parameters, batch norm and free bits included") {
  for (const char* reconstruction : {R"({"kind":"squared_error","scale":1})", R"({"kind":"binary_crossentropy"})"}) {
    for (const double free_bits : {0.0, 0.3}) {
      for (const bool resident : {false, true}) {
        const ModelSpec spec = model(reconstruction, free_bits);
        const Fitted one = fit(spec, nullptr, resident);
        Meeting meeting;
        Fitted two[2];
        std::thread other([&] { two[1] = fit(spec, std::make_shared<TwoRanks>(meeting, 1), resident); });
        two[0] = fit(spec, std::make_shared<TwoRanks>(meeting, 0), resident);
        other.join();
        CHECK(two[0].parameters == two[1].parameters);
        REQUIRE(one.losses.size() == 3);
        for (const Fitted& rank : two) {
          for (size_t e = 0; e < 3; ++e) {
            CHECK(std::abs(rank.losses[e].loss - one.losses[e].loss) <= 1e-10 * one.losses[e].loss);
            CHECK(std::abs(rank.losses[e].kl - one.losses[e].kl) <= 1e-10 * one.losses[e].loss);
          }
          double most = 0;
          for (size_t i = 0; i < one.parameters.size(); ++i) {
            most = std::max(most, std::abs(rank.parameters[i] - one.parameters[i]));
          }
          CHECK(most <= 1e-9);
        }
      }
    }
  }
}
