// A photographed or scanned drawing into 28 x 28, the way Quick, Draw! fits its strokes: the ink's
// box is centred, its longer side as long as there, and thin lines become as wide as that pen.
// Tested in tests/cpp/test_fit_drawing.cpp.
#pragma once

#include <cstdint>

namespace sketchvae {

// `ink`: rows x cols values, column-major, 0 paper to 1 ink (finite; both sizes at least 1).
// Writes 784 bytes to `out`. The paper's own level is the median along the border; less than a
// tenth of the contrast above it is noise. A picture without any ink is empty paper. A picture that
// is 28 x 28 already is taken as it is.
void fit_drawing(const double* ink, int64_t rows, int64_t cols, uint8_t* out);

}  // namespace sketchvae
