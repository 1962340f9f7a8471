// Losses of the drawings that are held back, after an epoch.
#pragma once

#include <cstdint>
#include <optional>

#include "host.h"
#include "net/network.h"
#include "spec/model_plan.h"
#include "data/batches.h"
#include "train/fit_options.h"

namespace sketchvae {

// Means over all of them, with the weight of the KL term and the noise of `epoch`. Nothing when the
// host stops it.
std::optional<Losses> validate(Network& network, const ModelPlan& plan, const BatchSource& held,
                               const FitOptions& options, int64_t epoch, double kl_weight,
                               Host& host);

}  // namespace sketchvae
