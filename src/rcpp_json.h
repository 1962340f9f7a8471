// R lists to the engine's wire form and back. A list with names is an object, one without an array;
// a vector of length one is a scalar, a longer one (or one of class "AsIs") an array; NULL and NA are
// null, and null among numbers is NA.
#pragma once

#include <Rcpp.h>

#include "data/json.h"

namespace sketchvae {

Json to_json(SEXP value);
SEXP from_json(const Json& value);

}  // namespace sketchvae
