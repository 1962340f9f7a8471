# The R half of keras_variants.py: Rscript keras_variants.R FOLDER imports every file. Weights must be those that
# Keras had; or, where nothing but their order tells layers apart, those of the layers that a warning names may
# be exchanged.
suppressPackageStartupMessages(library(sketchvae))
source("tests/testthat/helper-hash.R")
source("tests/testthat/helper-keras.R")
environment(hashed_weights) <- list2env(list(plan_model = sketchvae:::plan_model), parent = globalenv())
model <- pair_model()
expected <- hashed_weights(model)
left_out <- list(no_bias = "bias", no_center = "beta", no_scale = "gamma", neither = c("gamma", "beta"))
wrong <- exchanged <- 0
files <- list.files(commandArgs(TRUE)[1], full.names = TRUE)
for (file in files) {
  warned <- ""
  weights <- tryCatch(
    withCallingHandlers(suppressMessages(vae_weights(import_keras(file, model))), warning = function(w) {
      warned <<- paste(warned, conditionMessage(w))
      invokeRestart("muffleWarning")
    }),
    error = function(e) conditionMessage(e)
  )
  # Only a whole model says which of the two is not there.
  if (is.character(weights) && grepl("(no_center|no_scale)-[23].weights.h5$", file) && grepl("gamma or beta", weights)) next
  tolerance <- if (grepl("/bfloat16", file)) 1e-2 else if (grepl("/float16", file)) 2e-3 else 1e-6
  same <- is.list(weights) & mapply(function(name, value) {
    isTRUE(all.equal(as.vector(weights[[name]]), as.vector(value), tolerance = tolerance))
  }, names(expected), expected)
  kind <- sub("-.*", "", sub("^(flat|nested)_", "", basename(file)))
  same[basename(names(same)) %in% left_out[[kind]]] <- TRUE
  named <- vapply(dirname(names(same)), function(layer) grepl(paste0("[ *,]", layer, " = "), warned), NA)
  if (any(!same & !named)) {
    wrong <- wrong + 1
    cat(sprintf("%-44s wrong: %s\n", basename(file), if (is.list(weights)) paste(names(same)[!same & !named], collapse = ", ") else weights))
  }
  exchanged <- exchanged + any(!same & named)
}
cat(sprintf("%-64s%12d of %d\n", "Keras' files of one model, written in many ways: wrong in silence", wrong, length(files)))
cat(sprintf("%-64s%12d\n", "  heads exchanged, with a warning that names them", exchanged))
quit(status = wrong > 0)
