// src/engine/train/fingerprint.h
#include "train/fingerprint.h"

#include <doctest/doctest.h>

#include "error.h"

using namespace sketchvae;
using Said = std::vector<std::string>;

TEST_CASE("fingerprints differ in named parts, whatever their order") {
  const char* here = R"({"x":"12","options":{"seed":1,"optimizer":{"kind":"adam","rate":0.001}},
                         "model":{"encoder":[{"units":3},{"units":4}],"name":null}})";
  CHECK(fingerprint_differences(here, here) == Said{});
  CHECK(fingerprint_differences(here, R"({"model":{"name":null,"encoder":[{"units":3},{"units":4}]},"x":"12",
    "options":{"optimizer":{"rate":1e-3,"kind":"adam"},"seed":1.0}})") == Said{});
  CHECK(fingerprint_differences(here, R"({"x":"13","options":{"seed":1,"optimizer":{"kind":"sgd","rate":0.001}},
    "model":{"encoder":[{"units":3},{"units":5}],"name":"a"}})") ==
        Said{"model$encoder[[2]]$units is 4 here and 5 there", "model$name is not set here and \"a\" there",
             "optimizer$kind is \"adam\" here and \"sgd\" there", "x holds other drawings (hash \"12\" here, \"13\" there)"});
  CHECK(fingerprint_differences(R"({"model":{"encoder":[1,2]}})", R"({"model":{"encoder":[1]}})") ==
        Said{"model$encoder[[2]] is 2 here and not set there"});
  const std::string long_text = R"({"options":{"a":")" + std::string(59, 'a') + "\xc3\xa4\"}}";
  CHECK(fingerprint_differences(long_text, R"({"options":{"a":NaN}})") ==
        Said{"a is \"" + std::string(59, 'a') + "... here and NaN there"});
  CHECK_THROWS_AS(fingerprint_differences("{}", "print"), Error);
}

TEST_CASE("a part that another version did not know is what it was before there was one") {
  const char* old = R"({"options":{"seed":1},"model":{"encoder":[{"units":3}]}})";
  const std::string defaults = R"("defaults":{"options":{"new":false},"model":{"encoder":{"bias":true}}})";
  const auto with = [&](const char* parts) { return std::string("{") + parts + "," + defaults + "}"; };
  const std::string as_before = with(R"("options":{"seed":1,"new":false},"model":{"encoder":[{"units":3,"bias":true}]})");
  CHECK(fingerprint_differences(as_before, old) == Said{});
  CHECK(fingerprint_differences(old, as_before) == Said{});
  const std::string other = with(R"("options":{"seed":1,"new":true},"model":{"encoder":[{"units":3,"bias":false}]})");
  CHECK(fingerprint_differences(other, old) == Said{"model$encoder[[1]]$bias is false here and true there",
                                                    "new is true here and false there"});
  CHECK(fingerprint_differences(old, other).size() == 2);
  // Without a default, what is not set is what was not there.
  CHECK(fingerprint_differences(R"({"options":{"seed":1,"late":null},"model":{"encoder":[{"units":3}]}})", old) == Said{});
  CHECK(fingerprint_differences(R"({"options":{"seed":1,"late":2},"model":{"encoder":[{"units":3}]}})", old).size() == 1);
}
