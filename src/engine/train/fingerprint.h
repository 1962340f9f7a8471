// What decides the result of a fit, as JSON of named parts (R/vae_resume.R puts it together), and how
// two of them differ. Tests: tests/cpp/test_fingerprint.cpp.
#pragma once

#include <string>
#include <vector>

namespace sketchvae {

// One entry for every part that differs, in words: "batch_size is 7 here and 8 there". A part that one
// of them lacks, because another version of the package wrote it, is what `defaults` of the other (or of
// its own) says that it was before there was such a part, else null. Throws Error when one is no JSON.
std::vector<std::string> fingerprint_differences(const std::string& here, const std::string& there);

}  // namespace sketchvae
