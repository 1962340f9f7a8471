// The CSV checkpoint: written, read back, and read as others write it.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "data/csv.h"
#include "data/csv_columns.h"
#include "data/pixels.h"
#include "error.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes parsed(const std::string& text) {
  SilentHost host;
  return read_csv_drawings(MemoryBytes("x.csv", reinterpret_cast<const uint8_t*>(text.data()),
                                       static_cast<int64_t>(text.size())),
                           "", {}, host)
      .pixels;
}

std::string error_of(const std::string& text) {
  try {
    parsed(text);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

// 784 times the same word.
std::string row(const std::string& word, int64_t count = kPixels) {
  std::string out = word;
  for (int64_t i = 1; i < count; ++i) out += "," + word;
  return out;
}

}  // namespace

TEST_CASE("all 256 greys survive, over more than one block of the file") {
  const TemporaryFolder folder;
  SilentHost host;
  for (const int64_t n : {0, 1, 900}) {
    Bytes data(static_cast<size_t>(n * kPixels));
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i % 257 * 7);
    write_csv_drawings(data.data(), n, {}, folder.path("x.csv"), host);
    if (n == 0) continue;
    CHECK(read_csv_drawings(FileBytes(folder.path("x.csv")), "", {}, host).pixels == data);
  }
  CHECK(folder.count() == 1);
  const std::string text = read_text(folder.path("x.csv"));
  CHECK(text.starts_with("\"\",\"X1\",\"X2\","));
  CHECK(text.find("\"X784\"\n\"1\",0,0.0274509803921569,") != std::string::npos);
}

TEST_CASE("header, row names, line ends, blank lines, quotes and spaces are as they may be") {
  const Bytes half(kPixels, 128);
  CHECK(parsed(row("0.5")) == half);
  CHECK(parsed(row("0.5") + "\n") == half);
  CHECK(parsed(row("0.5") + "\r\n\r\n") == half);
  CHECK(parsed("\"1\"," + row("0.5")) == half);
  CHECK(parsed("17," + row("0.5")) == half);
  CHECK(parsed(row("\"V\"") + "\n" + row("0.5")) == half);
  CHECK(parsed(row("\"1.1\"") + "\n" + row("0.5")) == half);  // names that look like numbers
  CHECK(parsed("\"\"," + row("V") + "\n\"a,b\"," + row("0.5")) == half);
  CHECK(parsed(row(" 0.5 ")) == half);
  CHECK(parsed(row("V") + "\n" + row("\"0.5\"")) == half);
}

TEST_CASE("numbers as people write them, and what they mean") {
  CHECK(parsed(row("5e-1")) == Bytes(kPixels, 128));
  CHECK(parsed(row(".5")) == Bytes(kPixels, 128));
  CHECK(parsed(row("1")) == Bytes(kPixels, 255));
  CHECK(parsed(row("0.0")) == Bytes(kPixels, 0));
  CHECK(parsed(row("-0")) == Bytes(kPixels, 0));
  // One value above 1, at the very end, and all are 0..255.
  const Bytes bytes = parsed(row("1") + "\n" + row("1", kPixels - 1) + ",200");
  CHECK(bytes.front() == 1);
  CHECK(bytes.back() == 200);
}

TEST_CASE("what cannot be drawings is refused with the line") {
  const auto says = [](const std::string& text, const std::string& words) {
    const std::string error = error_of(text);
    if (error.find(words) == std::string::npos) MESSAGE("got: " << error);
    return error.find(words) != std::string::npos;
  };
  CHECK(says(row("0", 783), "line 1: 783 values"));
  CHECK(says(row("0") + "\n" + row("0", 785), "line 2: 785 values"));
  CHECK(says(row("0", 783) + ",NA", "line 1: 'NA' is not a number"));
  CHECK(says(row("0", 783) + ",nan", "'nan' is not a number"));
  CHECK(says(row("0", 783) + ",inf", "'inf' is not a number"));
  CHECK(says(row("0", 783) + ",0x10", "'0x10' is not a number"));
  CHECK(says(row("0", 783) + ",0.5.5", "'0.5.5' is not a number"));
  CHECK(says(row("0", 783) + ",", "'' is not a number"));
  CHECK(says(row("0", 783) + ",-1", "-1 is no pixel"));
  CHECK(says(row("0", 783) + ",255.5", "255.5 is no pixel"));
  CHECK(says("", "is empty"));
  CHECK(says("\n\n", "holds no drawings"));
  CHECK(says("<html>", "web page"));
  CHECK(says(std::string(20 << 20, '0'), "line 1 is too long"));
  CHECK(says(row("0", 783) + "," + std::string(20 << 20, '0'), "line 1 is too long"));
}

TEST_CASE("the host may stop it; a stopped write leaves nothing") {
  class Stopping final : public Host {
   public:
    bool should_stop() override { return true; }
    void progress(int64_t, int64_t) override {}
  } host;
  const TemporaryFolder folder;
  const Bytes data(static_cast<size_t>(2000 * kPixels), 3);
  CHECK_THROWS_AS(write_csv_drawings(data.data(), 2000, {}, folder.path("x.csv"), host), Interrupted);
  CHECK(folder.count() == 0);
  const std::string path = folder.file("y.csv", row("0"));
  CHECK_THROWS_AS(read_csv_drawings(FileBytes(path), "", {}, host), Interrupted);
}

TEST_CASE("labels are found at either end, and a table that leaves it open is refused") {
  SilentHost host;
  const auto read = [&](const std::string& text, const std::string& label = "") {
    return read_csv_drawings(MemoryBytes("x.csv", reinterpret_cast<const uint8_t*>(text.data()),
                                         static_cast<int64_t>(text.size())),
                             label, {}, host);
  };
  using Labels = std::vector<std::string>;
  const std::string zeros = row("0", 783);
  const CsvDrawings first = read("5,7," + zeros + "\n3,9," + zeros + "\n");
  CHECK(first.labels == Labels{"5", "3"});
  CHECK(first.pixels[0] == 7);
  const CsvDrawings last = read(zeros + ",7,5\n" + zeros + ",9,3\n");
  CHECK(last.labels == Labels{"5", "3"});
  CHECK(last.pixels[783] == 7);
  // A label above 1 does not change what values up to 1 mean, a pixel at the end does.
  CHECK(read("5,1," + zeros).pixels[0] == 255);
  CHECK(read("cat," + zeros + ",2").pixels[783] == 2);
  CHECK(read("0,7," + zeros + "\n1,9," + zeros).labels.empty());
  CHECK(read("1,7," + zeros + "\n2,9," + zeros).labels.empty());
  CHECK_THROWS_AS(read("0,0," + zeros), Error);
  CHECK_THROWS_AS(read("3,0," + zeros + "\n0," + zeros + ",4"), Error);
  CHECK(read("0,0," + zeros, "785").labels == Labels{"0"});
  CHECK(read("0,5;" + [] {
          std::string rest;
          for (int i = 0; i < 783; ++i) rest += i ? ";0,25" : "0,25";
          return rest;
        }()).pixels[0] == 128);
}

TEST_CASE("drawings of every size are read back, by their columns' names") {
  const TemporaryFolder folder;
  SilentHost host;
  for (const PictureSize size : {PictureSize{32, 32}, PictureSize{16, 24}, PictureSize{1, 784}, PictureSize{784, 1},
                                 PictureSize{1, 3}, PictureSize{100, 120}, PictureSize{}}) {
    INFO(size.rows << " x " << size.cols);
    Bytes data(static_cast<size_t>(5 * size.pixels()));
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i * 31);
    write_csv_drawings(data.data(), 5, size, folder.path("x.csv"), host);
    const FileBytes file(folder.path("x.csv"));
    const CsvDrawings back = read_csv_drawings(file, "", {}, host);
    CHECK(back.size == size);
    CHECK(back.pixels == data);
    CHECK(back.labels.empty());
    if (size == PictureSize{}) continue;
    CHECK(read_csv_drawings(file, "", size, host).pixels == data);
    CHECK_THROWS_AS(read_csv_drawings(file, "", PictureSize{size.cols + 1, size.rows}, host), Error);
  }
  const PictureSize huge{4000, 4000};
  CHECK_THROWS_AS(write_csv_drawings(nullptr, 0, huge, folder.path("y.csv"), host), Error);
}

TEST_CASE("a size that the file does not say is asked for") {
  SilentHost host;
  const std::string text = row("7", 1024) + "\n" + row("9", 1024);
  const MemoryBytes source("x.csv", reinterpret_cast<const uint8_t*>(text.data()),
                           static_cast<int64_t>(text.size()));
  CHECK(error_of(text).find("size = c(32, 32)") != std::string::npos);
  CHECK(error_of("5," + row("7", 1024)).find("size = c(32, 32)") != std::string::npos);
  CHECK(read_csv_drawings(source, "", PictureSize{32, 32}, host).size == PictureSize{32, 32});
  CHECK(read_csv_drawings(source, "", PictureSize{16, 64}, host).pixels.size() == 2048);
  CHECK_THROWS_AS(read_csv_drawings(source, "", PictureSize{32, 31}, host), Error);
}

TEST_CASE("names that are not all of a size's say none") {
  CHECK(size_in_names({"", "r1c1", "r1c2", "r2c1", "r2c2"}) == PictureSize{2, 2});
  CHECK(size_in_names({"r1c1", "r1c2", "r1c3", "label"}) == PictureSize{1, 3});
  CHECK(size_in_names({"r1c1", "r2c1"}) == PictureSize{2, 1});
  CHECK(!size_in_names({"r1c1", "r1c2", "r2c1"}));
  CHECK(!size_in_names({"r1c2", "r2c1"}));
  CHECK(!size_in_names({"X1", "X2"}));
  CHECK(!size_in_names({}));
}

TEST_CASE("remarks before a table, among them numpy.savetxt()'s header") {
  const Bytes half(kPixels, 128);
  CHECK(parsed("# made by numpy, in 2024\n" + row("0.5")) == half);
  CHECK(parsed("# a\n#\n#b,c\n" + row("V") + "\n" + row("0.5")) == half);
  CHECK(parsed("# " + row("V") + "\n" + row("0.5")) == half);
  SilentHost host;
  const std::string text = "# label," + row("V") + "\n7," + row("0.5");
  const CsvDrawings read = read_csv_drawings(
      MemoryBytes("x.csv", reinterpret_cast<const uint8_t*>(text.data()), static_cast<int64_t>(text.size())), "", {},
      host);
  CHECK(read.labels == std::vector<std::string>{"7"});
  CHECK(read.pixels == half);
  CHECK(error_of("# nothing").find("holds no drawings") != std::string::npos);
}
