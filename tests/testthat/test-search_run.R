test_that("an error in one candidate is a row with its message, a warning too, and the others are trained", {
  found <- small_search(list(latent_dim = c(0, 2), batch_size = 8))
  expect_match(found$error[[1]], "`latent_dim` must be a whole number, 1 or more, not 0")
  expect_true(is.na(found$val_loss[[1]]) && is.na(found$error[[2]]) && is.finite(found$val_loss[[2]]))
  failing <- function(state) if (state$model$latent_dim == 2) stop("no more")
  stopped <- small_search(list(latent_dim = 1:2), callbacks = failing)
  expect_true(is.na(stopped$warning[[1]]))
  expect_match(stopped$warning[[2]], "no more")
  wild <- small_search(list(batch_size = c(0, 8)))
  expect_match(wild$error[[1]], "`batch_size` must be")
})

test_that("through the future package several candidates run at a time, with the same results", {
  skip_on_cran()
  skip_if_not_installed("future")
  old <- future::plan("multisession", workers = 2)
  on.exit(future::plan(old))
  folder <- withr::local_tempdir()
  found <- small_search(list(latent_dim = c(0, 1, 2), batch_size = c(8, 16)), folder = folder)
  expect_match(found$error[[1]], "latent_dim")
  expect_length(readLines(file.path(folder, "results.jsonl")), 7)
  future::plan(old)
  expect_identical(but_seconds(found), but_seconds(small_search(list(latent_dim = c(0, 1, 2), batch_size = c(8, 16)))))
})

test_that("a time limit ends a search with the rows so far", {
  limited <- function() {
    setTimeLimit(elapsed = 2, transient = TRUE)
    on.exit(setTimeLimit())
    small_search(data.frame(latent_dim = 1:3, epochs = c(1, 1e6, 1)))
  }
  expect_message(found <- limited(), "Interrupted: the rows so far")
  expect_identical(found$candidate, 1L)
  expect_true(is.na(found$warning))
})
