// The table of layer kinds. A new kind is a file that defines its row, and its name here, twice.
#include "error.h"
#include "spec/layer.h"

namespace sketchvae {

extern const LayerKind kConv2d, kConv2dTranspose, kDense, kDropout, kBatchNorm, kFlatten, kReshape,
    kActivation;

namespace {

const LayerKind* const kKinds[] = {
    &kConv2d,
    &kConv2dTranspose,
    &kDense,
    &kDropout,
    &kBatchNorm,
    &kFlatten,
    &kReshape,
    &kActivation,
};

}  // namespace

const LayerKind& layer_kind(const std::string& kind) {
  std::string known;
  for (const LayerKind* row : kKinds) {
    if (kind == row->kind) return *row;
    known += (known.empty() ? "" : ", ") + std::string(row->kind);
  }
  throw Error("'" + kind + "' is not a kind of layer; there are " + known);
}

}  // namespace sketchvae
