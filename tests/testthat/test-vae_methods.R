# A fit whose times are known.
known_times <- function(fit) {
  fit$history$seconds <- seq_len(nrow(fit$history))
  fit
}

test_that("a fit is printed and summarised", {
  fit <- known_times(quick_fit(few_sheep(), model_binary(latent_dim = 2, hidden = 20, as_written = FALSE)))
  fit$history[2, c("loss", "reconstruction", "kl", "regularization")] <- list(1234.56, 1233, 1.25, .31)
  expect_snapshot({
    fit
    summary(fit)
  })
  fit$interrupted <- TRUE
  fit$history <- fit$history[0, ]
  expect_snapshot(fit)
})

test_that("times are said in units that suit them", {
  expect_identical(vapply(c(.04, 75, 600, 7200), format_seconds, ""), c("0 seconds", "75 seconds", "10 minutes", "2 hours"))
  expect_identical(vapply(c(-1, 59.7, 3599, 4210), format_clock, ""), c("0:00", "1:00", "59:59", "1:10:10"))
})

test_that("the history is plotted, training and validation", {
  withr::local_pdf(NULL)
  fit <- quick_fit(validation = .5)
  p <- plot(fit)
  expect_s3_class(p, "ggplot")
  expect_setequal(as.character(p$data$panel), c("Loss", "Reconstruction error", "KL divergence", "KL weight", "Regularization"))
  expect_identical(p$data$value[p$data$panel == "Loss" & p$data$set == "validation"], fit$history$val_loss)
  expect_s3_class(plot_history(fit$history), "ggplot")
  expect_snapshot(error = TRUE, {
    plot_history(3)
    plot_history(fit$history[0, ])
  })
})

test_that("a fit is a data frame of its history, and a list of arrays", {
  fit <- quick_fit()
  expect_identical(as.data.frame(fit), fit$history)
  w <- vae_weights(fit)
  expect_identical(coef(fit)$z_mean, list(kernel = w[["z_mean/kernel"]], bias = w[["z_mean/bias"]]))
  expect_identical(unlist(coef(fit), use.names = FALSE), unlist(w, use.names = FALSE))
  expect_identical(names(coef(fit)), unique(sub("/.*", "", names(w))))
})

test_that("what a fit does not keep is not silently nothing", {
  fit <- quick_fit()
  expect_snapshot(error = TRUE, {
    fitted(fit)
    residuals(fit)
    update(fit)
  })
})

test_that("update() trains from the start as before, but for what is given", {
  x <- few_sheep()
  fit <- quick_fit(x, epochs = 3, batch_size = 7, kl_start = 1, kl_steep = 1, learning_rate = .01, seed = 5)
  expect_same_fit(update(fit, x), fit)
  other <- update(fit, x, epochs = 4, seed = 6)
  expect_same_fit(other, quick_fit(x, epochs = 4, batch_size = 7, kl_start = 1, kl_steep = 1, learning_rate = .01, seed = 6))
})

test_that("a fit with imported weights has no history, and everything else", {
  skip_if_not_installed("hdf5r")
  trained <- quick_fit(few_sheep(16), epochs = 1)
  path <- withr::local_tempfile(fileext = ".weights.h5")
  export_keras(trained, path)
  fit <- import_keras(path, trained$model)
  expect_error(plot(fit), "has imported weights and was not trained here: it has no history")
  expect_identical(dim(as.data.frame(fit)), c(0L, 6L))
  expect_true(all(names(as.data.frame(fit)) %in% names(trained$history)))
  expect_output(print(fit), "See summary() for the layers", fixed = TRUE)
  expect_output(print(summary(fit)), "not trained here")
  expect_identical(coef(fit), coef(trained))
  expect_identical(nrow(update(fit, few_sheep(16), epochs = 2, seed = 1)$history), 2L)
  saved <- withr::local_tempfile(fileext = ".safetensors")
  save_vae(fit, saved)
  expect_identical(load_vae(saved), fit)
  # The report has every section but that of the training.
  report <- withr::local_tempfile(fileext = ".html")
  none <- fit
  none["history"] <- list(trained$history[0, ])
  for (one in list(fit, none)) {
    vae_report(one, few_sheep(16), report, clusters = rep(1:2, 8))
    page <- readLines(report)
    expect_length(grep("<h2>", page), 8)
    expect_false(any(grepl("Training|epochs", grep("<h2>|facts", page, value = TRUE))))
  }
  # Trained further, it is a fit as any other.
  more <- quick_fit(few_sheep(16), fit, epochs = 2)
  expect_identical(more$history$epoch, 1:2)
})
