# A GIF's size and the number of its frames, from its bytes: 0x21 0xF9 0x04 begins a frame.
gif_facts <- function(file) {
  bytes <- as.integer(readBin(file, "raw", file.size(file)))
  n <- length(bytes)
  frames <- sum(bytes[1:(n - 2)] == 0x21 & bytes[2:(n - 1)] == 0xF9 & bytes[3:n] == 4)
  list(kind = rawToChar(as.raw(bytes[1:6])), size = bytes[c(7, 9)] + 256 * bytes[c(8, 10)], frames = frames)
}

test_that("codes that a fit kept become a GIF, with pictures between epochs", {
  skip_if_not_installed("magick")
  x <- simulate_sheep(40, seed = 1)
  kept <- callback_codes(every = 2)
  fit <- quick_fit(x, epochs = 3, callbacks = kept)
  moments <- check_moments(kept)
  expect_named(moments, c("2", "3"))
  expect_equal(moments[["3"]], vae_encode(fit, x))
  file <- withr::local_tempfile(fileext = ".gif")
  expect_identical(
    expect_invisible(animate_latent(kept, file, labels(x), between = 3, fps = 4, width = 200, height = 160)), file
  )
  expect_silent(animate_latent(kept, file, rep(0:1, 20), between = 0, fps = 4, width = 200, height = 160))
  facts <- gif_facts(file)
  expect_match(facts$kind, "GIF8")
  expect_equal(facts$size, c(200, 160))
  # 2 that rest, 3 between, 8 that rest: equal ones may have been merged.
  expect_gte(facts$frames, 5)
  expect_lte(facts$frames, 13)
})

test_that("a walk goes from stop to stop and back", {
  skip_if_not_installed("magick")
  fit <- pretrained_sheep()
  file <- withr::local_tempfile(fileext = ".gif")
  stops <- rbind(c(-1, 0), c(1, 0.5))
  animate_walk(fit, stops, file, n = 6, fps = 10, scale = 4)
  facts <- gif_facts(file)
  expect_equal(facts$size, c(112, 112))
  expect_equal(facts$frames, 10)
  # The first frame is the first stop, dark on light, upright.
  first <- as.integer(magick::image_data(magick::image_read(file)[1], "gray"))[seq(2, 112, 4), seq(2, 112, 4), 1]
  expect_gt(cor(as.vector(255 - first), as.vector(vae_decode(fit, stops[1, ])[1, , ])), 0.98)
})

test_that("gifski writes the GIF where magick is not", {
  skip_on_cran()
  skip_if_not_installed("magick")
  # gifski itself where it is installed, or else a package with its arguments.
  if (!rlang::is_installed("gifski")) {
    library <- withr::local_tempdir()
    source <- file.path(withr::local_tempdir(), "gifski")
    dir.create(file.path(source, "R"), recursive = TRUE)
    writeLines(c("Package: gifski", "Version: 0.0.1", "Title: Stand-In", "License: MIT"), file.path(source, "DESCRIPTION"))
    writeLines("export(gifski)", file.path(source, "NAMESPACE"))
    writeLines(c(
      "gifski <- function(png_files, gif_file = 'animation.gif', width = 800, height = 600, delay = 1,",
      "                   loop = TRUE, progress = TRUE) {",
      "  stopifnot(isFALSE(progress))",
      "  frames <- magick::image_scale(magick::image_read(png_files), paste0(width, 'x', height, '!'))",
      "  magick::image_write(magick::image_animate(frames, delay = round(100 * delay)), gif_file, format = 'gif')",
      "}"
    ), file.path(source, "R", "gifski.R"))
    system2(file.path(R.home("bin"), "R"),
      c("CMD", "INSTALL", "--no-test-load", paste0("--library=", library), source), stdout = FALSE, stderr = FALSE)
    withr::local_libpaths(library, action = "prefix")
    withr::defer(unloadNamespace("gifski"))
  }
  file <- withr::local_tempfile(fileext = ".gif")
  writer <- gif_writer(installed = function(package) package == "gifski")
  write_frames(list(1, 2, 3), function(k) graphics::pie(1:k), writer, file, c(240, 160), fps = 10)
  expect_equal(gif_facts(file), list(kind = "GIF89a", size = c(240, 160), frames = 3L))
})

test_that("titles name epochs, and whatever else the moments are called", {
  expect_identical(moment_title("3"), " after epoch 3")
  expect_identical(moment_title("before"), ", before")
  expect_identical(moment_title(""), "")
})

test_that("what cannot be animated is refused", {
  z <- matrix(0, 3, 2)
  fit <- pretrained_sheep()
  expect_snapshot(error = TRUE, {
    animate_latent(1, "a.gif")
    animate_latent(fit)
    animate_latent(callback_codes(), "a.gif")
    animate_latent(list(z, z[1:2, ]), "a.gif")
    animate_latent(list(z), "a.gif", between = -1)
    animate_latent(list(z), "a.gif", axes = "loose")
    animate_walk(fit, z[1, , drop = FALSE], "a.gif")
    animate_walk(fit, z[, 1, drop = FALSE], "a.gif")
    gif_writer(installed = function(package) FALSE)
  })
  skip_if_not_installed("magick")
  expect_error(animate_walk(fit, z[1:2, ], "/nowhere/a.gif", n = 2), "cannot be written")
})

test_that("codes by epoch come from the checkpoints that a fit kept, without training anew", {
  folder <- withr::local_tempdir()
  x <- few_sheep(24)
  labels(x) <- rep(c("a", "b"), 12)
  kept <- callback_codes(x)
  # Small enough that some checkpoints lie within epochs, too.
  fit <- quick_fit(x, epochs = 3, batch_size = 12, callbacks = kept, checkpoint = checkpoints(folder, minutes = 1e-9, keep = 100))
  expect_gt(length(list.files(folder, "^checkpoint")), 3)
  for (from in list(fit, folder)) {
    moments <- checkpoint_moments(from)
    epochs <- names(moments$codes)
    expect_true(all(c("1", "2") %in% epochs))
    for (epoch in setdiff(epochs, "0")) expect_identical(moments$codes[[epoch]], attr(kept, "kept")$codes[[epoch]])
    expect_identical(moments$labels, labels(x))
  }
  expect_identical(utils::tail(names(checkpoint_moments(fit)$codes), 1), "3")
  skip_if_not_installed("magick")
  file <- withr::local_tempfile(fileext = ".gif")
  expect_no_error(animate_latent(fit, file, between = 0, fps = 2, width = 200, height = 160))
  expect_gt(length(magick::image_read(file)), 1)
  # A damaged one is passed over.
  writeBin(as.raw(1:9), list.files(folder, "^checkpoint", full.names = TRUE)[[1]])
  expect_no_error(checkpoint_moments(folder))
})

test_that("where codes were not kept, the error says how to keep them next time", {
  file <- withr::local_tempfile(fileext = ".gif")
  expect_error(animate_latent(quick_fit(few_sheep(8)), file), "neither codes of its epochs nor.*checkpoints.*give their folder.*callback_codes\\(x\\)")
  folder <- withr::local_tempdir()
  expect_error(animate_latent(folder, file), "checkpoints of 0 epochs.*Next time")
  fit <- quick_fit(few_sheep(8), checkpoint = folder)
  unlink(folder, recursive = TRUE)
  expect_error(animate_latent(fit, file), "are not in .* any more.*Next time")
})
