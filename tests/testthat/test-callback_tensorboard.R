event_files <- function(folder) list.files(folder, recursive = TRUE)

test_that("a fit with log_dir writes a run for training and one for validation", {
  folder <- file.path(withr::local_tempdir(), "log")
  x <- few_sheep()
  fit <- quick_fit(x, validation = .25, log_dir = folder)
  files <- event_files(folder)
  expect_setequal(dirname(files), c("train", "validation"))
  expect_match(basename(files), "^events[.]out[.]tfevents[.]")
  # Watching changes nothing.
  expect_same_fit(fit, quick_fit(x, validation = .25))
})

test_that("nothing of R's random numbers is used, and no graphics device is left", {
  devices <- grDevices::dev.list()
  set.seed(1)
  before <- .Random.seed
  quick_fit(log_dir = withr::local_tempdir())
  expect_identical(.Random.seed, before)
  expect_identical(grDevices::dev.list(), devices)
})

test_that("TensorBoard's own reader finds the numbers of the history, and images", {
  reader <- "tensorboard.backend.event_processing.event_accumulator"
  python <- python_with(reader)
  folder <- withr::local_tempdir()
  x <- few_sheep()
  fit <- quick_fit(x, tiny_conv(), epochs = 3, validation = .25, log_dir = folder)
  script <- withr::local_tempfile(fileext = ".py", lines = c(
    "import sys, struct",
    paste("from", reader, "import EventAccumulator"),
    "for run in ('train', 'validation'):",
    "    a = EventAccumulator(sys.argv[1] + '/' + run, size_guidance={'images': 0}); a.Reload()",
    "    for tag in a.Tags()['scalars']:",
    "        for e in a.Scalars(tag): print(run, tag, e.step, '%.9g' % e.value)",
    "    for tag in a.Tags()['images']:",
    "        for e in a.Images(tag):",
    "            png = e.encoded_image_string",
    "            assert png[:8] == b'\\x89PNG\\r\\n\\x1a\\n' and struct.unpack('>II', png[16:24]) == (e.width, e.height)",
    "            print(run, tag, e.step, 'image')"
  ))
  lines <- strsplit(system2(python, shQuote(c(script, folder)), stdout = TRUE, stderr = FALSE), " ")
  lines <- lines[lengths(lines) == 4]
  read <- data.frame(
    run = vapply(lines, `[[`, "", 1), tag = vapply(lines, `[[`, "", 2),
    step = as.integer(vapply(lines, `[[`, "", 3)), value = vapply(lines, `[[`, "", 4)
  )
  for (column in setdiff(names(fit$history), "epoch")) {
    run <- if (startsWith(column, "val_")) "validation" else "train"
    rows <- read[read$run == run & read$tag == paste0("epoch_", sub("^val_", "", column)), ]
    expect_identical(rows$step, 1:3)
    # Event files hold float32.
    expect_equal(as.double(rows$value), fit$history[[column]], tolerance = 1e-6)
  }
  expect_equal(as.double(read$value[read$tag == "epoch_learning_rate"]), rep(1e-3, 3), tolerance = 1e-6)
  images <- read[read$value == "image", ]
  expect_identical(unique(images$run), "train")
  expect_setequal(images$tag, c("reconstructions", "samples", "latent"))
  expect_identical(images$step, rep(1:3, 3))
})

test_that("losses that are not finite are written as what they are", {
  folder <- withr::local_tempdir()
  suppressWarnings(fit_with_infinite_validation(callbacks = callback_tensorboard(folder, images_every = 0)))
  file <- list.files(file.path(folder, "validation"), full.names = TRUE)
  bytes <- paste(readBin(file, "raw", file.size(file)), collapse = "")
  point <- function(tag, float) paste0(paste(charToRaw(tag), collapse = ""), "15", float)
  expect_match(bytes, point("epoch_kl", "0000807f"), fixed = TRUE)
  expect_match(bytes, point("epoch_loss", "0000c0.f"))
})

test_that("images come every so many epochs, and after the last", {
  # A record with images is thousands of bytes longer than one without.
  drawn <- function(every, epochs) {
    folder <- withr::local_tempdir()
    size <- 0
    grown <- integer()
    quick_fit(epochs = epochs, callbacks = list(callback_tensorboard(folder, images_every = every), function(state) {
      now <- sum(file.size(list.files(folder, recursive = TRUE, full.names = TRUE)))
      if (now - size > 3000) grown <<- c(grown, state$epoch)
      size <<- now
    }))
    grown
  }
  expect_identical(drawn(2, 5), c(2L, 4L, 5L))
  expect_identical(drawn(0, 2), integer())
})

test_that("an image is what was drawn", {
  skip_if_not_installed("png")
  x <- few_sheep(4)
  image <- mosaic_png(x, 2)
  pixels <- png::readPNG(image[[1]])
  expect_identical(dim(pixels)[1:2], as.integer(c(image[[3]], image[[2]])))
  # Every pixel stands for two by two.
  grey <- if (length(dim(pixels)) == 3) pixels[, , 1] else pixels
  expect_equal(grey[seq(1, nrow(grey), 2), seq(1, ncol(grey), 2)], 1 - stitch(x, 2), tolerance = 1 / 255)
})

# A fit whose codes of drawings with ink are about `size`, and the state that callbacks get of it.
far_coded <- function(size) {
  x <- few_sheep(16)
  fit <- quick_fit(x, epochs = 1)
  weights <- vae_weights(fit)
  weights[["z_mean/kernel"]][] <- seq(-size, size, length.out = length(weights[["z_mean/kernel"]]))
  fit <- vae_set_weights(fit, weights)
  list(fit = function() fit, x = x, validation = x[0], epoch = 7)
}

test_that("codes near 1e20 are drawn; a picture that cannot be is said and left out", {
  said <- list()
  complain <- function(what, epoch, error) said <<- c(said, list(list(what, epoch, conditionMessage(error))))
  expect_named(epoch_images(far_coded(1e18), complain), c("reconstructions", "samples", "latent"))
  expect_named(epoch_images(far_coded(1e25), complain), c("reconstructions", "samples", "latent"))
  expect_length(said, 0)
  state <- far_coded(3e38)
  expect_false(all(is.finite(vae_encode(state$fit(), state$x))))
  expect_named(epoch_images(state, complain), "samples")
  expect_identical(lapply(said, `[[`, 1), list("reconstructions", "the latent space"))
  expect_identical(said[[1]][[2]], 7)
})

test_that("a picture that cannot be drawn is said once, and the numbers are written", {
  folder <- withr::local_tempdir()
  callback <- callback_tensorboard(folder)
  state <- far_coded(3e38)
  state$last_epoch <- 8
  state$history <- state$fit()$history
  expect_warning(callback$on_epoch_end(state), "`log_dir`: no picture of reconstructions after epoch 7")
  before <- file.size(list.files(folder, recursive = TRUE, full.names = TRUE))
  expect_silent(callback$on_epoch_end(state))
  expect_gt(file.size(list.files(folder, recursive = TRUE, full.names = TRUE)), before)
})

test_that("drawings of another size are shown as they are", {
  x <- as_drawings(array(runif(20 * 32 * 20), c(20, 32, 20)))
  both <- interleave(x, x[20:1])
  expect_equal(both$size, c(32, 20))
  expect_identical(both[1:2], c(x[1], x[20]))
})

test_that("a folder that cannot be made is said before the first batch", {
  file <- withr::local_tempfile(lines = "")
  expect_error(quick_fit(log_dir = file), "callback_tensorboard.* cannot write to")
})

test_that("arguments are checked", {
  expect_snapshot(error = TRUE, {
    callback_tensorboard(3)
    callback_tensorboard("x", images_every = -1)
  })
})
