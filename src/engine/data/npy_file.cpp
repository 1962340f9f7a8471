#include "data/npy_file.h"

#include <algorithm>
#include <string_view>

#include "data/inflate.h"
#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kStart = (1 << 20) + 64;  // the longest header that is read, and what goes before it
using Format = Inflater::Format;

std::string inside(const ByteSource& file, const std::string& name) {
  return file.name() + ", array '" + name + "',";
}

// The header of what an Inflater gives, whose first bytes go to `start`.
NpyHeader packed_header(Inflater& from, const std::string& name, std::vector<uint8_t>& start) {
  start.resize(4096);
  start.resize(static_cast<size_t>(from.read(start.data(), 4096)));
  if (start.size() == 4096) {  // nearly always enough; all of it is wanted only for a longer header
    const bool long_header = start[6] > 1 ? (start[10] | start[11]) != 0 : false;
    if (long_header || start[8] + 256 * start[9] > 4000) {
      start.resize(static_cast<size_t>(kStart));
      start.resize(4096 + static_cast<size_t>(from.read(start.data() + 4096, kStart - 4096)));
    }
  }
  return read_npy_header(MemoryBytes(name, start.data(), static_cast<int64_t>(start.size())));
}

// All bytes of a packed array.
std::vector<uint8_t> unpack(Inflater& from, int64_t packed, const std::string& name, Host& host) {
  std::vector<uint8_t> bytes;
  const NpyHeader header = packed_header(from, name, bytes);
  const int64_t size = npy_bytes(MemoryBytes(name, nullptr, 0), header);
  const auto too_long = [&] {
    return Error(name + " is too long: its header promises " + std::to_string(size) +
                 " bytes, and more are packed into it.");
  };
  if (static_cast<int64_t>(bytes.size()) > size) throw too_long();
  inflate_to(from, packed, size, bytes, host);
  uint8_t more = 0;
  if (from.read(&more, 1) > 0) throw too_long();
  return bytes;
}

std::string sizes_text(const NpyHeader& header) {
  std::string s;
  for (const int64_t size : header.shape) s += (s.empty() ? "" : " x ") + std::to_string(size);
  return s.empty() ? "one number" : s;
}

// "x_train" and "y_train", "images" and "labels": the name without what tells the two.
std::string common_name(std::string name) {
  for (const std::string_view word : {"images", "labels", "imgs", "data", "targets", "target", "image", "label"}) {
    if (const size_t at = name.find(word); at != std::string::npos) return name.erase(at, word.size());
  }
  if (name.starts_with("x") || name.starts_with("X") || name.starts_with("y") || name.starts_with("Y")) {
    name.erase(0, 1);
  }
  return name;
}

}  // namespace

NpyFile::NpyFile(const ByteSource& file, const std::string& array, std::optional<PictureSize> size)
    : file_(file), size_(size) {
  zip_ = is_zip(file);
  gzip_ = !zip_ && is_gzip(file);
  if (zip_) {
    for (ZipMember& member : read_zip(file)) {
      if (!member.name.ends_with(".npy")) continue;
      Array one;
      one.name = member.name.substr(0, member.name.size() - 4);
      const std::string name = inside(file, one.name);
      try {
        if (member.deflated) {
          Inflater from(file, member.offset, member.packed, Format::deflate);
          std::vector<uint8_t> start;
          one.header = packed_header(from, name, start);
        } else {
          one.header = read_npy_header(SliceBytes(name, file, member.offset, member.packed));
        }
      } catch (const Error& e) {
        one.problem = e.what();
      }
      one.member = std::move(member);
      arrays_.push_back(std::move(one));
    }
    choose(array);
    return;
  }
  if (!array.empty()) {
    throw Error(file.name() + " is no archive (.npz): it holds one array, which has no name.");
  }
  if (gzip_) {
    Inflater from(file, 0, file.size(), Format::gzip);
    std::vector<uint8_t> start;
    held_ = drawings_in(file, packed_header(from, file.name(), start), size_);
  } else {
    held_ = whole_drawings_in(file, read_npy_header(file), size_);
  }
}

void NpyFile::choose(const std::string& array) {
  if (arrays_.empty()) throw Error(file_.name() + " is a zip archive without arrays of NumPy (.npy).");
  std::vector<const Array*> all, fits, several;
  for (const Array& one : arrays_) {
    all.push_back(&one);
    const auto shape = one.header ? npy_shape(*one.header, size_) : std::nullopt;
    if (!shape) continue;
    fits.push_back(&one);
    // (784) and (28, 28) are more often something else.
    if (!shape->single) several.push_back(&one);
  }
  const Array* found = nullptr;
  if (!array.empty()) {
    for (const Array* one : all) {
      if (one->name == array) found = one;
    }
    if (!found) {
      throw Error(file_.name() + " holds no array '" + array + "', but: " + list_of(all) + ".");
    }
  } else if (all.size() == 1) {
    found = all[0];
  } else {
    if (!several.empty()) fits = several;
    if (fits.empty()) {
      throw Error(file_.name() + " holds no array of drawings, but: " + list_of(all) + ".");
    }
    if (fits.size() > 1) {
      throw Error(file_.name() + " holds several arrays of drawings: " + list_of(fits) +
                  ". Say which one is meant (array = \"" + fits[0]->name + "\").");
    }
    found = fits[0];
  }
  if (!found->header) throw Error(found->problem);
  chosen_ = static_cast<size_t>(found - arrays_.data());
  const MemoryBytes named(inside(file_, found->name), nullptr, 0);
  held_ = drawings_in(named, *found->header, size_);
  const int64_t promised = npy_bytes(named, *found->header);
  if (promised != found->member.size) {
    throw Error(named.name() + (promised > found->member.size ? " is cut off" : " is too long") +
                ": its header promises " + std::to_string(promised) + " bytes, it has " +
                std::to_string(found->member.size) + ".");
  }
}

std::string NpyFile::list_of(const std::vector<const Array*>& some) const {
  std::string s;
  for (size_t i = 0; i < some.size() && i < 10; ++i) {
    s += (i ? ", " : "") + some[i]->name + " (" +
         (some[i]->header ? sizes_text(*some[i]->header)
          : some[i]->problem.find("Python objects") != std::string::npos
              ? "Python objects, as sketch-rnn's strokes are: a pickle, never read here"
              : "no numbers") +
         ")";
  }
  return s + (some.size() > 10 ? ", ..." : "");
}

std::unique_ptr<ByteSource> NpyFile::open(const Array& array, Host& host) const {
  const std::string name = inside(file_, array.name);
  const ZipMember& member = array.member;
  std::unique_ptr<ByteSource> bytes;
  if (member.deflated) {
    Inflater from(file_, member.offset, member.packed, Format::deflate);
    bytes = std::make_unique<OwnedBytes>(name, unpack(from, member.packed, name, host));
  } else {
    bytes = std::make_unique<SliceBytes>(name, file_, member.offset, member.packed);
  }
  if (crc_of(*bytes, host) != member.crc) {
    throw Error(name + " is damaged: its checksum is another than the archive's.");
  }
  return bytes;
}

const ByteSource& NpyFile::bytes(Host& host) {
  if (!zip_ && !gzip_) return file_;
  if (opened_) return *opened_;
  if (zip_) {
    opened_ = open(arrays_[chosen_], host);
  } else {
    Inflater from(file_, 0, file_.size(), Format::gzip);
    opened_ = std::make_unique<OwnedBytes>(file_.name(),
                                           unpack(from, file_.size(), file_.name(), host));
  }
  return *opened_;
}

std::vector<double> NpyFile::labels(Host& host) const {
  if (!zip_) return {};
  std::vector<const Array*> fits, named;
  for (const Array& one : arrays_) {
    if (&one == &arrays_[chosen_] || !one.header) continue;
    const std::vector<int64_t>& shape = one.header->shape;
    const bool column = shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
    if (!column || shape[0] != held_.drawings || std::string_view("ui").find(one.header->kind) == std::string_view::npos) {
      continue;
    }
    fits.push_back(&one);
    if (common_name(one.name) == common_name(arrays_[chosen_].name)) named.push_back(&one);
  }
  const std::vector<const Array*>& found = named.empty() ? fits : named;
  if (found.size() != 1) return {};
  return read_npy_column(*open(*found[0], host), host);
}

}  // namespace sketchvae
