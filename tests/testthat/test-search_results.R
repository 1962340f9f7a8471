test_that("a search that was cut goes on where it was, to the same end", {
  folder <- withr::local_tempdir()
  whole <- small_search()
  # Cut in the third candidate, and in the middle of writing its line.
  count <- 0
  cut <- function(state) {
    count <<- count + 1
    if (count == 3) rlang::interrupt()
  }
  expect_message(part <- small_search(folder = folder, callbacks = cut), "Interrupted")
  expect_identical(nrow(part), 2L)
  expect_identical(but_seconds(part), but_seconds(whole)[1:2, ])
  file <- file.path(folder, "results.jsonl")
  cat('{"key":"123","val_lo', file = file, append = TRUE)
  trained <- 0
  again <- small_search(folder = folder, callbacks = function(state) trained <<- trained + 1)
  expect_identical(trained, 2)
  expect_identical(but_seconds(again), but_seconds(whole))
  expect_length(readLines(file), 5)
  # Once more trains nothing, and gives the same to the bit, seconds and all.
  expect_identical(small_search(folder = folder, callbacks = function(state) stop("trained")), again)
  # A larger grid trains what is new.
  larger <- small_search(list(latent_dim = 1:3, batch_size = c(8, 16)), folder = folder, callbacks = function(state) trained <<- trained + 1)
  expect_identical(trained, 4)
  expect_identical(larger$val_loss[larger$latent_dim < 3], whole$val_loss)
  # The fits are there.
  best <- load_vae(again$file[[which.min(again$val_loss)]])
  expect_identical(best$history$val_loss, min(again$val_loss))
})

test_that("numbers that are not finite, and what stands around a cut line, are read back", {
  folder <- withr::local_tempdir()
  x <- few_sheep()
  known <- function() search_results(folder, 1, list(train = x, validation = x), list(learning_rate = Inf))
  row <- list(epochs = 1, loss = NaN, val_loss = Inf, val_kl = -Inf)
  known()$add("1", row)
  cat('{"key":"cut","val_lo{"key":"no"}\n', file = file.path(folder, "results.jsonl"), append = TRUE)
  known()$add("2", row)
  expect_identical(known()$rows, list(`1` = row, `2` = row))
  expect_length(readLines(file.path(folder, "results.jsonl")), 3)
  # Killed before its first line was there.
  file.create(file.path(folder, "results.jsonl"))
  expect_identical(known()$rows, list())
  expect_length(readLines(file.path(folder, "results.jsonl")), 1)
})

test_that("a process that was killed leaves what it found", {
  skip_on_cran()
  folder <- withr::local_tempdir()
  process <- callr::r_bg(function(folder) {
    x <- sketchvae::simulate_sheep(48, seed = 1)
    sketchvae::vae_search(x, sketchvae::model_binary, list(latent_dim = 1:2, batch_size = c(8, 16)), hidden = 10, epochs = 1,
      seed = 1, threads = 1, folder = folder, callbacks = function(state) {
        if (length(list.files(folder, "^candidate-")) == 2) tools::pskill(Sys.getpid(), 9)
      })
  }, list(folder), libpath = .libPaths())
  process$wait(60000)
  expect_false(identical(process$get_exit_status(), 0L))
  trained <- 0
  again <- small_search(folder = folder, callbacks = function(state) trained <<- trained + 1)
  expect_identical(trained, 2)
  expect_identical(but_seconds(again), but_seconds(small_search()))
})

test_that("without a seed the folder's is taken", {
  folder <- withr::local_tempdir()
  set.seed(1)
  a <- small_search(list(batch_size = 8), folder = folder, seed = NULL)
  expect_identical(small_search(list(batch_size = 8), folder = folder, seed = NULL), a)
})

test_that("a folder of the first version goes on with the last rows held out", {
  folder <- withr::local_tempdir()
  first <- small_search(list(batch_size = 8), folder = folder, validation = validation_last(.2))
  file <- results_file(folder)
  lines <- readLines(file)
  writeLines(c(sub("\"version\":2", "\"version\":1", lines[[1]], fixed = TRUE), lines[-1]), file)
  trained <- 0
  expect_identical(
    small_search(list(batch_size = 8), folder = folder, validation = .2, callbacks = function(state) trained <<- trained + 1), first
  )
  expect_identical(trained, 0)
})
