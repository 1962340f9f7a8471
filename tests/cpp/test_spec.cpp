// src/engine/spec/, src/engine/layers/
#include <doctest/doctest.h>

#include <string>

#include "data/json.h"
#include "error.h"
#include "layers/convolution.h"
#include "spec/model_plan.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

ModelPlan preset(const std::string& name) {
  const std::string path = std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/models/" + name + ".json";
  return plan_model(read_model(read_json(read_text(path))));
}

// A model of 4 x 4 drawings with these layers.
ModelPlan plan(const std::string& encoder, const std::string& decoder, const std::string& more = "") {
  return plan_model(read_model(read_json(
      R"({"name":"m","input":[4,4,1],"encoder":[)" + encoder + R"(],"latent_dim":2,"decoder":[)" + decoder +
      R"(],"reconstruction":{"kind":"squared_error","scale":1},)" +
      R"("kl":{"form":"log_var","reduction":"sum","scale":1,"weight":1,"free_bits":0},)" +
      R"("noise":"log_sd","regularizer":null,"binarize":null)" + more + "}")));
}

const std::string kFlat = R"({"kind":"flatten"},{"kind":"dense","units":3})";
const std::string kOut = R"({"kind":"dense","units":16})";

void refused(const std::string& encoder, const std::string& decoder, const char* text) {
  CHECK_THROWS_WITH_AS(plan(encoder, decoder), doctest::Contains(text), Error);
}

}  // namespace

TEST_CASE("the presets have the posts' parameters") {
  const ModelPlan sheep = preset("sheep"), digits = preset("digits"), binary = preset("binary");
  CHECK(sheep.total == 12857845);
  CHECK(sheep.trainable == 12857495);
  CHECK(sheep.decoder_total == 6511206);
  CHECK(digits.total == 575689);
  CHECK(digits.decoder_total == 81313);
  CHECK(binary.total == 793294);
}

TEST_CASE("'same' padding puts the odd pixel after") {
  using Pair = std::pair<int64_t, int64_t>;
  CHECK(same_padding(28, 4, 1) == Pair{1, 2});
  CHECK(same_padding(56, 4, 2) == Pair{1, 1});
  CHECK(same_padding(28, 3, 2) == Pair{0, 1});
  CHECK(same_padding(28, 3, 1) == Pair{1, 1});
  CHECK(same_padding(5, 1, 1) == Pair{0, 0});
  CHECK(same_padding(5, 2, 7) == Pair{0, 0});
}

TEST_CASE("shapes follow from layers, 'same' and 'valid'") {
  const ModelPlan p = plan(
      R"({"kind":"conv_2d","filters":3,"kernel_size":[3,3],"strides":[2,2],"padding":"same"},)" + kFlat,
      R"({"kind":"dense","units":8},{"kind":"reshape","target_shape":[2,2,2]},)"
      R"({"kind":"conv_2d_transpose","filters":1,"kernel_size":[3,3],"strides":[2,2],"padding":"same"})");
  CHECK(p.encoder[0].out == Shape{2, 2, 3});
  CHECK(p.encoder[1].out == Shape{12});
  CHECK(p.decoder[2].out == Shape{4, 4, 1});
  const ModelPlan v = plan(
      R"({"kind":"conv_2d","filters":3,"kernel_size":[2,3],"strides":[1,1],"padding":"valid"},)" + kFlat, kOut);
  CHECK(v.encoder[0].out == Shape{3, 2, 3});
  CHECK(v.params[0].name == "conv_2d/kernel");
  CHECK(v.params[0].shape == Shape{2, 3, 1, 3});
  CHECK(v.params[0].fan_in == 6);
  CHECK(v.params[0].fan_out == 18);
}

TEST_CASE("a dropout layer has a mask of its size, at rate 0 too") {
  const ModelPlan p = plan(R"({"kind":"flatten"},{"kind":"dropout","rate":0.5},{"kind":"dense","units":3})",
                           R"({"kind":"dense","units":5},{"kind":"dropout"},{"kind":"dense","units":16})");
  REQUIRE(p.masks.size() == 2);
  CHECK(p.masks[0].size == 16);
  CHECK(p.masks[0].rate == 0.5);
  CHECK(p.masks[1].size == 5);
  CHECK(p.masks[1].rate == 0);
  CHECK(p.decoder[1].mask == 1);
}

TEST_CASE("layers of one kind are numbered, batch norm's averages are not trained") {
  const ModelPlan p = plan(kFlat + R"(,{"kind":"dense","units":3},{"kind":"batch_norm"})", kOut);
  CHECK(p.encoder[1].spec.name == "dense");
  CHECK(p.encoder[2].spec.name == "dense_1");
  CHECK(p.decoder[0].spec.name == "dense_2");
  CHECK(p.total - p.trainable == 6);
  CHECK(p.encoder[3].params == 4);
}

TEST_CASE("what does not fit is refused with the layer's name") {
  refused(R"({"kind":"dense","units":3})", kOut, "encoder layer 1, dense: ");
  refused(R"({"kind":"flatten"},{"kind":"conv_2d","filters":3,"kernel_size":[3,3],"strides":[1,1],"padding":"same"})",
          kOut, "encoder layer 2, conv_2d: ");
  refused(kFlat, R"({"kind":"dense","units":15})", "is not a drawing of 4 x 4 x 1");
  refused(R"({"kind":"conv_2d","filters":3,"kernel_size":[5,5],"strides":[1,1],"padding":"valid"},)" + kFlat, kOut,
          "encoder layer 1, conv_2d: ");
  refused(kFlat, R"({"kind":"dense","units":8},{"kind":"reshape","target_shape":[3,3]})", "decoder layer 2, reshape: ");
  refused(R"({"kind":"lstm"})", kOut, "'lstm' is not a kind of layer; there are conv_2d, ");
  refused(R"({"kind":"flatten","rate":0.5})", kOut, "encoder layer 1, flatten: 'rate' is not an option");
  refused(R"({"kind":"flatten"},{"kind":"dense"})", kOut, "encoder layer 2, dense: units is missing");
  refused(R"({"kind":"flatten"},{"kind":"dense","units":0})", kOut, "units");
  refused(R"({"kind":"flatten"},{"kind":"dropout","rate":1})", kOut, "rate");
}

TEST_CASE("sizes that overflow are refused") {
  CHECK_THROWS_AS(size_of({int64_t{1} << 30, int64_t{1} << 30}), Error);
  CHECK(size_of({}) == 1);
  CHECK(size_of({3, 0}) == 0);
  CHECK(to_string(Shape{28, 28, 10}) == "28 x 28 x 10");
}
