// The .npy reader: every header, order and kind of number that it promises to read, and a clear
// error for everything else.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "data/npy.h"
#include "data/pixels.h"
#include "error.h"
#include "train/npy_source.h"

using namespace sketchvae;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes with_header(const std::string& text, const Bytes& data, int version = 1) {
  Bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<uint8_t>(version), 0};
  for (int k = 0; k < (version == 1 ? 2 : 4); ++k) {
    file.push_back(static_cast<uint8_t>(text.size() >> (8 * k)));
  }
  file.insert(file.end(), text.begin(), text.end());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

std::string header_text(const std::string& descr, bool fortran, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': (" + shape + "), }\n";
}

Bytes read_drawings(const Bytes& file, int64_t n = -1) {
  const MemoryBytes source("x.npy", file.data(), static_cast<int64_t>(file.size()));
  SilentHost host;
  const NpyHeader header = read_npy_header(source);
  const int64_t held = whole_drawings_in(source, header).drawings;
  Bytes out(static_cast<size_t>((n < 0 ? held : n) * kPixels));
  read_npy_drawings(source, n < 0 ? held : n, out.data(), host);
  return out;
}

std::string error_of(const Bytes& file) {
  try {
    read_drawings(file);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

bool says(const Bytes& file, const std::string& words) {
  const std::string error = error_of(file);
  const bool found = error.find(words) != std::string::npos;
  if (!found) MESSAGE("got: " << error);
  return found;
}

Bytes drawings(int64_t n) {
  Bytes out(static_cast<size_t>(n * kPixels));
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(i * 2654435761u >> 11);
  return out;
}

template <class T>
void append(Bytes& out, double value, bool big) {
  auto item = std::bit_cast<std::array<uint8_t, sizeof(T)>>(static_cast<T>(value));
  if (big != (std::endian::native == std::endian::big)) std::reverse(item.begin(), item.end());
  out.insert(out.end(), item.begin(), item.end());
}

Bytes encoded(const std::string& descr, const std::vector<double>& values) {
  Bytes out;
  const bool big = descr[0] == '>';
  const std::string type = descr.substr(1);
  for (const double v : values) {
    if (type == "b1" || type == "u1") append<uint8_t>(out, v, big);
    if (type == "i1") append<int8_t>(out, v, big);
    if (type == "u2") append<uint16_t>(out, v, big);
    if (type == "i2") append<int16_t>(out, v, big);
    if (type == "u4") append<uint32_t>(out, v, big);
    if (type == "i4") append<int32_t>(out, v, big);
    if (type == "u8") append<uint64_t>(out, v, big);
    if (type == "i8") append<int64_t>(out, v, big);
    if (type == "f4") append<float>(out, v, big);
    if (type == "f8") append<double>(out, v, big);
  }
  return out;
}

}  // namespace

TEST_CASE("every kind of number, byte order, array order and shape gives the same drawings") {
  const int64_t n = 3;
  Bytes expected = drawings(n);
  for (const std::string type :
       {"|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4", "<u8", ">u8", "<i8",
        ">i8", "<f4", ">f4", "<f8", ">f8", "|b1"}) {
    Bytes wanted = expected;
    if (type == "|i1")
      for (uint8_t& v : wanted) v &= 127;
    if (type == "|b1")
      for (uint8_t& v : wanted) v = v & 1 ? 255 : 0;
    for (const std::string shape : {"3, 784", "3, 28, 28", "3, 1, 784", "3, 28, 28, 1"}) {
      const bool square = shape.find("28,") != std::string::npos;
      for (const bool fortran : {false, true}) {
        std::vector<double> values(wanted.size());
        for (int64_t i = 0; i < n; ++i) {
          for (int64_t p = 0; p < kPixels; ++p) {
            const int64_t column = square ? p / kSide + kSide * (p % kSide) : p;
            const int64_t at = fortran ? i + n * column : i * kPixels + p;
            const double v = wanted[static_cast<size_t>(i * kPixels + p)];
            values[static_cast<size_t>(at)] = type == "|b1" ? v / 255 : v;
          }
        }
        INFO(type << " " << shape << (fortran ? " Fortran" : " C"));
        const Bytes file = with_header(header_text(type, fortran, shape), encoded(type, values));
        CHECK(read_drawings(file) == wanted);
        CHECK(read_drawings(file, 1) == Bytes(wanted.begin(), wanted.begin() + kPixels));
        if (type[1] == 'f') {
          for (double& v : values) v /= 255;
          CHECK(read_drawings(with_header(header_text(type, fortran, shape),
                                          encoded(type, values))) == wanted);
        }
      }
    }
  }
}

TEST_CASE("more drawings than are read at a time, in both orders") {
  const int64_t n = 2500;
  const Bytes wanted = drawings(n);
  const std::string shape = std::to_string(n) + ", 784";
  CHECK(read_drawings(with_header(header_text("|u1", false, shape), wanted)) == wanted);
  Bytes turned(wanted.size());
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t p = 0; p < kPixels; ++p) turned[p * n + i] = wanted[i * kPixels + p];
  }
  const Bytes file = with_header(header_text("|u1", true, shape), turned);
  CHECK(read_drawings(file) == wanted);
  CHECK(read_drawings(file, 1500) == Bytes(wanted.begin(), wanted.begin() + 1500 * kPixels));
}

TEST_CASE("headers of all versions, keys in any order, quotes and Python 2's integers") {
  const Bytes data = drawings(2);
  for (const int version : {1, 2, 3}) {
    CHECK(read_drawings(with_header(header_text("|u1", false, "2, 784"), data, version)) == data);
  }
  for (const std::string text :
       {"{'shape': (2L, 784L), 'descr': '|u1', 'fortran_order': False}",
        "{\"fortran_order\":False,\"shape\":(2,784),\"descr\":\"<u1\"}",
        " \n{ u'descr' : u'=u1' ,\t'shape' : ( 2 , 784 , ) , b'fortran_order' : False , } \n ",
        "{'descr':'u1','shape':(2,28,28),'fortran_order':False}"}) {
    INFO(text);
    CHECK(read_drawings(with_header(text, data)) == data);
  }
}

TEST_CASE("an empty array is no drawings") {
  CHECK(read_drawings(with_header(header_text("<f8", false, "0, 784"), {})).empty());
  CHECK(read_drawings(with_header(header_text("<f8", true, "0, 28, 28"), {})).empty());
}

TEST_CASE("damaged headers are refused") {
  const Bytes data = drawings(1);
  for (const std::string text :
       {"",
        "{",
        "}",
        "{}",
        "[]",
        "{'descr'}",
        "{'descr': '|u1'",
        "{'descr': '|u1', 'fortran_order': False}",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (1, 784)}",
        "{'descr': '|u1', 'fortran_order': Falsehood, 'shape': (1, 784)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 784}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': 784}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 784)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1.0, 784)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1 784)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1LL, 784)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 784), 'more': 1}",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1, 784)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 784)} os.system('x')",
        "{'descr': |u1, 'fortran_order': False, 'shape': (1, 784)}",
        "{'descr': '|u1, 'fortran_order': False, 'shape': (1, 784)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 784)}"}) {
    INFO(text);
    CHECK_THROWS_AS(read_drawings(with_header(text, data)), Error);
  }
  CHECK(says(with_header(std::string("{\0", 2), data), "header cannot be read"));
}

TEST_CASE("each kind of wrong file has its own sentence") {
  const Bytes data = drawings(2);
  const auto u1 = [](const std::string& shape) { return header_text("|u1", false, shape); };
  CHECK(says(with_header(header_text("|O", false, "2, 784"), data), "pickle"));
  CHECK(says(with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", data),
             "structured"));
  for (const std::string type :
       {"<U7", "<c8", "<f1", "|V2", "<f16", "<M8[ns]", "|S1", "", "<", "u", "|u3"}) {
    INFO(type);
    CHECK(says(with_header(header_text(type, false, "2, 784"), data), "dtype"));
  }
  for (const std::string shape : {"", "783,", "2, 28", "2, 784, 2", "2, 0", "1568,", "2, 28, 28, 1, 3", "784, 2"}) {
    INFO(shape);
    CHECK(says(with_header(u1(shape), data), "holds an array of shape ("));
  }
  CHECK(says(with_header(u1("3, 784"), data), "is cut off"));
  CHECK(says(with_header(u1("1, 784"), data), "is too long"));
  CHECK(says(with_header(u1("9999999999999999, 784"), data), "is cut off"));
  CHECK(says(with_header(header_text("<f8", false, "9223372036854775807, 784"), data),
             "no file is that large"));
  CHECK(says(with_header(u1("2, 784"), data, 4), "format 4.0"));
  Bytes file = with_header(u1("2, 784"), data);
  file[7] = 1;
  CHECK(says(file, "format 1.1"));
  file = with_header(u1("2, 784"), data);
  file[9] = 255;
  CHECK(says(file, "cut off within its header"));
  for (size_t cut = 1; cut < 70; ++cut) {
    CHECK_THROWS_AS(read_drawings(Bytes(file.begin(), file.begin() + static_cast<long>(cut))),
                    Error);
  }
  CHECK(says({}, "empty"));
  CHECK(says({'<', 'h', 't'}, "web page"));
  CHECK(says({'n', 'p', 'y'}, "not a .npy file"));
}

TEST_CASE("a very long header is refused without being read") {
  Bytes file = with_header(std::string(2 << 20, ' '), {}, 2);
  CHECK(says(file, "that cannot be drawings"));
}

TEST_CASE("values that no pixel can have are refused, where they are read") {
  const auto file = [](const std::string& type, double value) {
    std::vector<double> values(2 * kPixels, 0.5);
    values.back() = value;
    return with_header(header_text(type, false, "2, 784"), encoded(type, values));
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(says(file("<f8", nan), "not finite"));
  CHECK(says(file(">f4", nan), "not finite"));
  CHECK(says(file("<f8", INFINITY), "not finite"));
  CHECK(says(file("<f8", -0.1), "negative"));
  CHECK(says(file("<i2", -1), "negative"));
  CHECK(says(file("<i4", 256), "up to 256"));
  CHECK(says(file("<u8", 1e19), "up to 1"));
  CHECK(says(file("<f8", 255.1), "up to 255.1"));
  // The first drawing alone is good.
  CHECK(read_drawings(file("<f8", nan), 1) == Bytes(kPixels, 128));
  CHECK_THROWS_AS(read_drawings(file("<f8", 0), 3), Error);
}

TEST_CASE("numbers that are all 0 or 1 are ink, whatever they are stored as") {
  for (const char* type : {"|u1", "<i2", "<i8", "<f4"}) {
    CHECK(read_drawings(with_header(header_text(type, false, "1, 784"),
                                    encoded(type, std::vector<double>(kPixels, 1)))) ==
          Bytes(kPixels, 255));
  }
  // The first drawing of bytes means what it does among all of them.
  Bytes two(2 * kPixels, 1);
  two.back() = 200;
  std::vector<double> values(two.begin(), two.end());
  const Bytes file = with_header(header_text("|u1", false, "2, 784"), encoded("|u1", values));
  CHECK(read_drawings(file, 1) == Bytes(kPixels, 1));
}

TEST_CASE("the host may stop reading") {
  class Stopping final : public Host {
   public:
    bool should_stop() override { return ++calls > 2; }
    void progress(int64_t, int64_t) override {}
    int calls = 0;
  };
  const Bytes data = drawings(5000);
  Stopping host;
  const Bytes file = with_header(header_text("|u1", false, "5000, 784"), data);
  const MemoryBytes source("x", file.data(), static_cast<int64_t>(file.size()));
  Bytes out(data.size());
  CHECK_THROWS_AS(read_npy_drawings(source, 5000, out.data(), host), Interrupted);
}

TEST_CASE("progress ends at its total, through both passes") {
  class Watching final : public Host {
   public:
    bool should_stop() override { return false; }
    void progress(int64_t done, int64_t total) override {
      CHECK(done >= last);
      CHECK(done <= total);
      last = done;
      end = total;
    }
    int64_t last = 0, end = 0;
  };
  const Bytes file = with_header(header_text("<f8", false, "2100, 784"),
                                 Bytes(static_cast<size_t>(2100 * kPixels * 8)));
  const MemoryBytes source("x", file.data(), static_cast<int64_t>(file.size()));
  Bytes out(static_cast<size_t>(2100 * kPixels));
  Watching host;
  read_npy_drawings(source, 2100, out.data(), host);
  CHECK(host.last == host.end);
  CHECK(host.end == 4200);
}

TEST_CASE("a batch source reads any drawings of a file, in any order, as reading it whole does") {
  SilentHost host;
  for (const std::string type : {"|u1", "<f4"}) {
    for (const bool fortran : {false, true}) {
      const int64_t n = 70;
      const Bytes wanted = drawings(n);
      std::vector<double> values(wanted.size());
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t p = 0; p < kPixels; ++p) {
          values[static_cast<size_t>(fortran ? i + n * p : i * kPixels + p)] =
              wanted[static_cast<size_t>(i * kPixels + p)];
        }
      }
      INFO(type << (fortran ? " Fortran" : " C"));
      const Bytes file = with_header(header_text(type, fortran, "70, 784"), encoded(type, values));
      const MemoryBytes bytes("x.npy", file.data(), static_cast<int64_t>(file.size()));
      const NpySource source(bytes, host);
      CHECK(source.size() == n);
      CHECK(source.pixels() == kPixels);
      // Runs and jumps, forwards and backwards, the first and the last.
      const std::vector<int64_t> index{3, 4, 5, 69, 0, 0, 1, 68, 67, 12};
      Bytes out(index.size() * kPixels);
      source.read(index.data(), static_cast<int64_t>(index.size()), out.data());
      for (size_t i = 0; i < index.size(); ++i) {
        CHECK(std::equal(&wanted[static_cast<size_t>(index[i] * kPixels)],
                         &wanted[static_cast<size_t>(index[i] * kPixels)] + kPixels,
                         &out[i * kPixels]));
      }
      for (const int64_t beyond : {int64_t{-1}, n}) {
        CHECK_THROWS_AS(source.read(&beyond, 1, out.data()), Error);
      }
    }
  }
}
