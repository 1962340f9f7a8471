#include "data/batches.h"

#include "error.h"

namespace sketchvae {

void check_shape(const BatchSource& source, const Shape& input) {
  if (source.shape() != input) {
    throw Error("the drawings are " + to_string(source.shape()) + ", the model takes " + to_string(input));
  }
}

}  // namespace sketchvae
