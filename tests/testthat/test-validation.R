test_that("a fraction holds out what Keras' validation_split does", {
  # int(n * (1 - split)) is where Keras splits, computed by Python: train, then hold out.
  x <- few_sheep(100)
  held <- function(n, share) length(split_validation(x[seq_len(n)], share, small_binary(), seed = 1)$validation)
  expect_identical(held(100, .29), 29L)
  expect_identical(held(100, .57), 57L)
  expect_identical(held(100, .1), 10L)
  expect_identical(held(48, .25), 12L)
  expect_identical(held(10, .3), 3L)
  expect_identical(held(7, .2), 2L)
  expect_identical(held(64, .01), 1L)
  python <- python_with("math")
  code <- paste("import math", "print(' '.join(str(n - int(math.floor(n * (1.0 - i / 100)))) for n in range(2, 101) for i in range(1, 100)))", sep = "\n")
  theirs <- scan(text = system2(python, c("-c", shQuote(code)), stdout = TRUE), quiet = TRUE)
  cases <- expand.grid(share = 1:99, n = 2:100)
  ours <- cases$n - floor(cases$n * (1 - cases$share / 100))
  expect_equal(ours, theirs)
})

test_that("validation_last() holds out the last rows, a fraction what the seed draws", {
  x <- few_sheep()
  last <- quick_fit(x, validation = validation_last(.25), batch_size = 16)
  expect_same_fit(last, quick_fit(x[1:36], validation = x[37:48], batch_size = 16))
  expect_identical(last$held_out, 37:48)
  drawn <- quick_fit(x, validation = .25, batch_size = 16)
  rows <- drawn$held_out
  expect_length(unique(rows), 12)
  expect_false(identical(rows, 37:48))
  expect_same_fit(drawn, quick_fit(x[-rows], validation = x[rows], batch_size = 16))
  expect_identical(quick_fit(x, validation = .25, batch_size = 16)$held_out, rows)
  expect_false(identical(quick_fit(x, validation = .25, seed = 2)$held_out, rows))
  expect_null(quick_fit(x, validation = x[1:3])$held_out)
  expect_output(print(validation_last(.2)), "20 %")
  expect_output(print(drawn), "12 held out")
  expect_error(validation_last(1), "`fraction` must be a number above 0 and below 1")
})

test_that("of data sorted by label every label is trained and validated on, in its share", {
  x <- simulate_sheep(1000, seed = 1)
  labels(x) <- rep(c("cat", "rabbit", "one", NA), c(500, 300, 1, 199))
  split <- split_validation(x, .2, small_binary(), seed = 3)
  expect_identical(as.vector(table(split$validation$labels)[c("cat", "rabbit")]), c(100L, 60L))
  expect_length(split$train, 800)
  expect_identical(split$train$pixels, x[-split$held_out]$pixels)
  expect_false(is.unsorted(split$held_out))
  # Where every label occurs once, as names of files do, all are equal: no order of theirs decides.
  names <- drawn_rows(as.character(1:100), 100, 20, 1)
  expect_length(unique(names), 20)
  expect_gt(length(setdiff(names, 1:20)), 5)
  # Shares that are no whole numbers add up.
  expect_length(drawn_rows(rep(1:7, 1:7), 28, 9, 1), 9)
  expect_true(all(tabulate(rep(1:7, 1:7)[drawn_rows(rep(1:7, 1:7), 28, 9, 1)], 7)[4:7] >= 1))
  set.seed(1)
  before <- .Random.seed
  split_validation(x, .2, small_binary(), seed = 3)
  expect_identical(.Random.seed, before)
})

test_that("what was held out stays so when the fit is trained further, saved or resumed", {
  x <- few_sheep()
  fit <- quick_fit(x, validation = .25)
  more <- quick_fit(x, fit, validation = .25, seed = 9)
  expect_identical(more$held_out, fit$held_out)
  expect_false(identical(quick_fit(x, fit, validation = .5, seed = 9)$held_out, fit$held_out))
  file <- withr::local_tempfile(fileext = ".safetensors")
  for (one in list(fit, quick_fit(x[1:3], validation = .3, epochs = 1))) {
    save_vae(one, file)
    expect_identical(load_vae(file)$held_out, one$held_out)
  }
  folder <- withr::local_tempdir()
  set.seed(2)
  first <- quick_fit(x, validation = .25, epochs = 1, seed = NULL, checkpoint = folder)
  again <- quick_fit(x, validation = .25, epochs = 2, seed = NULL, checkpoint = folder)
  expect_identical(again$held_out, first$held_out)
  expect_identical(vae_resume(folder, epochs = 3)$held_out, first$held_out)
  # A fit without a fraction has no row numbers to keep.
  expect_null(vae_resume({
    quick_fit(x, epochs = 1, checkpoint = other <- withr::local_tempdir())
    other
  })$held_out)
})

test_that("a folder that was begun by the older rules goes on by them", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  model <- model_sheep(filters = 1, intermediate_dim = 4)
  suppressWarnings(quick_fit(x, model, epochs = 1, validation = validation_last(.25), kl_start = 10, checkpoint = folder))
  read <- read_record
  local_binding("read_record", function(...) {
    plan <- read(...)
    if (!is.null(plan)) plan$rules <- 1
    plan
  })
  expect_message(expect_warning(fit <- quick_fit(x, model, epochs = 2, validation = .25, checkpoint = folder), "epoch 20"), NA)
  expect_identical(fit$held_out, 37:48)
})

test_that("a fit that shows progress says what it holds out", {
  x <- few_sheep()
  expect_message(quick_fit(x, validation = .25, epochs = 1, verbose = TRUE), "12 of 48 drawings, drawn by the seed, of every label its share")
  labels(x) <- NULL
  expect_message(quick_fit(x, validation = .25, epochs = 1, verbose = TRUE), "drawings, drawn by the seed[.]")
  expect_message(quick_fit(x, validation = validation_last(.25), epochs = 1, verbose = TRUE), "the last rows")
})
