// src/engine/net/plan.h
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/json.h"
#include "error.h"
#include "net/plan.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

std::vector<std::string> ways(const std::string& model, PlanRule rule, int64_t rows,
                              Dtype dtype = Dtype::float32, Device device = Device::cpu) {
  const ModelPlan plan = plan_model(read_model(read_json(
      read_text(std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/models/" + model + ".json"))));
  const NetworkPlan planned = plan_network(plan, {1, rule, device}, dtype);
  std::vector<std::string> texts;
  for (const auto* side : {&planned.encoder, &planned.heads, &planned.decoder}) {
    for (const LayerWay& way : *side) texts.push_back(way.text(rows));
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the presets' layers take the kernels that a rule gives them") {
  const Texts libtorch = {"", "libtorch", "libtorch", "libtorch", "libtorch", "libtorch"};
  const Texts wide = {"", "wide", "libtorch", "libtorch", "libtorch", "wide"};
  CHECK(ways("binary", PlanRule::native, 100) == wide);
  CHECK(ways("binary", PlanRule::native, 257) == libtorch);
  CHECK(ways("binary", PlanRule::intel, 64) == wide);
  CHECK(ways("binary", PlanRule::intel, 100) == libtorch);
  CHECK(ways("binary", PlanRule::libtorch, 1) == libtorch);
  const Texts sheep = ways("sheep", PlanRule::native, 8);
  CHECK(sheep[0] == "direct, chain 1");
  CHECK(sheep[1] == "winograd, chain 1");
  CHECK(sheep.back() == "direct, chain 2");
}

TEST_CASE("only float32 on the CPU has kernels of ours") {
  for (const std::string& way : ways("sheep", PlanRule::native, 8, Dtype::float64)) {
    CHECK((way == "" || way == "libtorch"));
  }
  for (const std::string& way : ways("sheep", PlanRule::native, 8, Dtype::float32, Device::cuda)) {
    CHECK((way == "" || way == "libtorch"));
  }
}

TEST_CASE("rules have names") {
  for (const PlanRule rule : {PlanRule::native, PlanRule::intel, PlanRule::libtorch}) {
    CHECK(read_plan_rule(name_of(rule)) == rule);
  }
  CHECK(best_rule() != PlanRule::libtorch);
  CHECK_THROWS_WITH_AS(read_plan_rule("amd"), doctest::Contains("native, intel, libtorch"), Error);
}
