// JSON: what is written is read back, what is no JSON is refused with the place.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "data/json.h"
#include "error.h"

using namespace sketchvae;

TEST_CASE("values survive, in the order of the text") {
  const std::string text =
      R"({"z":[1,-2.5,1e+300,0.1,true,false,null,"a\"b\\c"],"a":{},"m":[[],[[]]]})";
  CHECK(write_json(read_json(text)) == text);
  CHECK(write_json(read_json(" \n\t{ \"a\" : [ 1 , 2 ] } \r\n")) == R"({"a":[1,2]})");
  for (const double v :
       {0.0, -0.0, 1.0 / 3, 5e-324, std::numeric_limits<double>::max(), 9007199254740993.0}) {
    CHECK(read_json(write_json(Json(v))).number() == v);
  }
  CHECK(write_json(Json(INFINITY)) == "null");
  CHECK(write_json(Json(NAN)) == "null");
}

TEST_CASE("numbers that are not finite survive in files of our own, and are refused elsewhere") {
  const Json all(Json::Array{Json(NAN), Json(INFINITY), Json(-INFINITY), Json(), Json(-1.5)});
  const std::string text = write_json(all, NonFinite::named);
  CHECK(text == "[NaN,Infinity,-Infinity,null,-1.5]");
  const Json back = read_json(text, NonFinite::named);
  CHECK(std::isnan(back.array()[0].number()));
  CHECK(back.array()[1].number() == INFINITY);
  CHECK(back.array()[2].number() == -INFINITY);
  CHECK(back.array()[3].is_null());
  CHECK_THROWS_WITH_AS(read_json(text), doctest::Contains("byte 1"), Error);
  for (const std::string bad : {"nan", "NaNs", "Inf", "+Infinity", "- Infinity", "infinity", "NA", "-NaN"}) {
    INFO(bad);
    CHECK_THROWS_AS(read_json(bad, NonFinite::named), Error);
  }
}

TEST_CASE("strings: escapes, control characters, other scripts") {
  CHECK(read_json(R"("\u0041\n\t\/\u00e9\ud83d\udc11")").string() ==
        "A\n\t/\xc3\xa9\xf0\x9f\x90\x91");
  const std::string odd("\x01\x1f\0\"\\\xf0\x9f\x90\x91", 9);
  CHECK(read_json(write_json(Json(odd))).string() == odd);
  for (const std::string bad : {R"("\ud83d")", R"("\udc11")", R"("\ud83d\u0041")", R"("\u12")",
                                R"("\uzzzz")", R"("\x")", R"("\)", "\"", "\"a\nb\""}) {
    INFO(bad);
    CHECK_THROWS_AS(read_json(bad), Error);
  }
}

TEST_CASE("text that is not UTF-8 is refused, with the place") {
  for (const std::string good :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(read_json("\"" + good + "\"").string() == good);
  }
  // Alone, cut, a wrong follower, overlong, a surrogate, beyond U+10FFFF.
  for (const std::string bad :
       {"\x80", "\xbf", "\xff", "\xc2", "\xe2\x82", "\xf0\x9f\x90", "\xc2\x41", "\xe2\x28\xa1",
        "\xf0\x9f\x41\x91", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"}) {
    CHECK_THROWS_WITH_AS(read_json("[\"" + bad + "\"]"), doctest::Contains("byte 2: not UTF-8"), Error);
  }
  CHECK_THROWS_WITH_AS(read_json("{\"a\":1,\"\xff\":2}"), doctest::Contains("byte 8"), Error);
  CHECK_THROWS_AS(read_json("\"\xe2\x82"), Error);
}

TEST_CASE("what is no JSON is refused") {
  for (const std::string bad : {"",
                                " ",
                                "{",
                                "}",
                                "[",
                                "]",
                                "[1,]",
                                "{\"a\"}",
                                "{\"a\":}",
                                "{a:1}",
                                "[1 2]",
                                "nul",
                                "truefalse",
                                "+",
                                "--1",
                                "1e",
                                "1e999",
                                "0x1",
                                "NaN",
                                "Infinity",
                                "1 2",
                                "{\"a\":1,}",
                                "{\"a\":1,\"a\":2}",
                                "'a'"}) {
    INFO(bad);
    CHECK_THROWS_AS(read_json(bad), Error);
  }
  CHECK_THROWS_WITH_AS(read_json("[1,x]"), doctest::Contains("byte 3"), Error);
}

TEST_CASE("nesting ends somewhere, before the stack does") {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK_NOTHROW(read_json(nested(60)));
  CHECK_THROWS_WITH_AS(read_json(nested(100)), doctest::Contains("too deeply"), Error);
  CHECK_THROWS_AS(read_json(std::string(1000000, '[')), Error);
}

TEST_CASE("asking for another type, or for what is not there, says so") {
  const Json value = read_json(R"({"n":1.5,"s":"x","big":9007199254740993,"huge":1e300})");
  CHECK(value.at("s").string() == "x");
  CHECK(value.find("t") == nullptr);
  CHECK_THROWS_WITH_AS(value.at("t"), doctest::Contains("t"), Error);
  CHECK_THROWS_WITH_AS(value.at("s").number("size"), doctest::Contains("size"), Error);
  CHECK_THROWS_AS(value.at("n").integer(), Error);
  CHECK_THROWS_AS(value.at("huge").integer(), Error);
  CHECK_THROWS_AS(value.at("n").boolean(), Error);
  CHECK_THROWS_AS(value.array(), Error);
  CHECK_THROWS_AS(value.at("n").object(), Error);
}
