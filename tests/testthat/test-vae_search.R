search <- function(grid = list(latent_dim = 1:2, batch_size = c(8, 16)), ..., x = few_sheep(), models = model_binary,
                   epochs = 1, seed = 1) {
  if (is.function(models)) {
    vae_search(x, models, grid, hidden = 10, epochs = epochs, seed = seed, threads = 1, ...)
  } else {
    vae_search(x, models, grid, epochs = epochs, seed = seed, threads = 1, ...)
  }
}

but_seconds <- function(found) as.data.frame(found)[setdiff(names(found), c("seconds", "file"))]

test_that("every combination is trained and scored as vae_fit() does it", {
  x <- few_sheep()
  found <- search(x = x)
  expect_s3_class(found, c("vae_search", "data.frame"), exact = TRUE)
  expect_identical(found$latent_dim, c(1L, 2L, 1L, 2L))
  expect_identical(found$batch_size, c(8, 8, 16, 16))
  expect_identical(found$candidate, 1:4)
  fit <- quick_fit(x, model_binary(2, 10), epochs = 1, batch_size = 8, validation = .2)
  row <- found[found$latent_dim == 2 & found$batch_size == 8, ]
  for (name in c("loss", "reconstruction", "kl", "val_loss", "val_reconstruction", "val_kl")) {
    expect_identical(row[[name]], fit$history[[name]])
  }
  expect_identical(row$squared_error, mean(mse_anomalies(fit, x[39:48], threads = 1)$mse))
  expect_identical(row$parameters, plan_model(fit$model)$total)
  expect_true(all(is.na(found$error) & is.na(found$warning)))
})

test_that("models may be a list, grids data frames, values schedules and optimizers", {
  models <- list(small = model_binary(2, 5), model_binary(2, 10))
  found <- search(list(learning_rate = list(.001, lr_schedule_cosine()), optimizer = c("adam", "sgd")), models = models)
  expect_identical(found$model, rep(c("small", "binary"), each = 4))
  expect_identical(unique(found$learning_rate), c("0.001", "along a cosine to 0 in the last epoch"))
  expect_length(unique(found$val_loss), 6) # with one epoch, the cosine has not moved: as .001 where that is Adam's own
  frame <- search(data.frame(latent_dim = c(3, 1), epochs = c(1, 2)))
  expect_identical(frame$epochs, c(1, 2))
  expect_identical(frame$latent_dim, c(3, 1))
  # Nothing to vary is one candidate.
  one <- vae_search(few_sheep(), model_binary(2, 5), epochs = 1, seed = 1)
  expect_identical(nrow(one), 1L)
})

test_that("random draws follow the seed: of the grid without repeats, of functions as they give", {
  grid <- list(latent_dim = 1:5, batch_size = c(8, 16))
  a <- search(grid, draws = 4)
  expect_identical(but_seconds(search(grid, draws = 4)), but_seconds(a))
  expect_identical(anyDuplicated(a[c("latent_dim", "batch_size")]), 0L)
  expect_false(identical(search(grid, draws = 4, seed = 2)$latent_dim, a$latent_dim))
  rates <- search(list(latent_dim = 1:2, learning_rate = function(n) 10^stats::runif(n, -4, -2)), draws = 5)
  expect_length(unique(rates$learning_rate), 5)
  expect_true(all(rates$learning_rate > 1e-4 & rates$learning_rate < 1e-2))
  # R's own generator stays where it was.
  set.seed(1)
  before <- .Random.seed
  search(grid, draws = 1)
  expect_identical(.Random.seed, before)
})

test_that("an error in one candidate is a row with its message, a warning too, and the others are trained", {
  found <- search(list(latent_dim = c(0, 2), batch_size = 8))
  expect_match(found$error[[1]], "`latent_dim` must be a whole number, 1 or more, not 0")
  expect_true(is.na(found$val_loss[[1]]) && is.na(found$error[[2]]) && is.finite(found$val_loss[[2]]))
  failing <- function(state) if (state$model$latent_dim == 2) stop("no more")
  stopped <- search(list(latent_dim = 1:2), callbacks = failing)
  expect_true(is.na(stopped$warning[[1]]))
  expect_match(stopped$warning[[2]], "no more")
  wild <- search(list(batch_size = c(0, 8)))
  expect_match(wild$error[[1]], "`batch_size` must be")
})

test_that("a search that was cut goes on where it was, to the same end", {
  folder <- withr::local_tempdir()
  whole <- search()
  # Cut in the third candidate, and in the middle of writing its line.
  count <- 0
  cut <- function(state) {
    count <<- count + 1
    if (count == 3) rlang::interrupt()
  }
  expect_message(part <- search(folder = folder, callbacks = cut), "Interrupted")
  expect_identical(nrow(part), 2L)
  expect_identical(but_seconds(part), but_seconds(whole)[1:2, ])
  file <- file.path(folder, "results.jsonl")
  cat('{"key":"123","val_lo', file = file, append = TRUE)
  trained <- 0
  again <- search(folder = folder, callbacks = function(state) trained <<- trained + 1)
  expect_identical(trained, 2)
  expect_identical(but_seconds(again), but_seconds(whole))
  expect_length(readLines(file), 5)
  # Once more trains nothing, and gives the same to the bit, seconds and all.
  expect_identical(search(folder = folder, callbacks = function(state) stop("trained")), again)
  # A larger grid trains what is new.
  larger <- search(list(latent_dim = 1:3, batch_size = c(8, 16)), folder = folder, callbacks = function(state) trained <<- trained + 1)
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
  again <- search(folder = folder, callbacks = function(state) trained <<- trained + 1)
  expect_identical(trained, 2)
  expect_identical(but_seconds(again), but_seconds(search()))
})

test_that("through the future package several candidates run at a time, with the same results", {
  skip_on_cran()
  skip_if_not_installed("future")
  old <- future::plan("multisession", workers = 2)
  on.exit(future::plan(old))
  folder <- withr::local_tempdir()
  found <- search(list(latent_dim = c(0, 1, 2), batch_size = c(8, 16)), folder = folder)
  expect_match(found$error[[1]], "latent_dim")
  expect_length(readLines(file.path(folder, "results.jsonl")), 7)
  future::plan(old)
  expect_identical(but_seconds(found), but_seconds(search(list(latent_dim = c(0, 1, 2), batch_size = c(8, 16)))))
})

test_that("without a seed the folder's is taken", {
  folder <- withr::local_tempdir()
  set.seed(1)
  a <- search(list(batch_size = 8), folder = folder, seed = NULL)
  expect_identical(search(list(batch_size = 8), folder = folder, seed = NULL), a)
})

test_that("a search is printed and drawn by any measure, the best first", {
  withr::local_pdf(NULL)
  found <- search(list(latent_dim = c(1, 2, 0), batch_size = 8))
  shown <- capture.output(print(found))
  expect_match(shown[[1]], "Search over 3 candidates (1 failed, see $error), the best by val_loss first", fixed = TRUE)
  expect_match(shown[[3]], paste0("^ *", found$candidate[which.min(found$val_loss)], " "))
  expect_length(shown, 4)
  p <- plot(found, by = "squared_error")
  expect_identical(nrow(p$data), 2L)
  expect_identical(p$data$value, sort(found$squared_error))
  expect_identical(p$labels$caption, "1 candidate failed")
  expect_error(plot(found[3, ]), "no candidate that did not fail")
  # A part of the columns is a data frame.
  expect_output(print(found[c("candidate", "kl")]), "candidate +kl")
})

test_that("wrong searches are refused", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  search(list(batch_size = 8), folder = folder)
  other <- withr::local_tempdir()
  writeLines("{}", file.path(other, "results.jsonl"))
  expect_snapshot(error = TRUE, transform = function(lines) gsub("\\S*/file[0-9a-f]+", "<folder>", lines), {
    vae_search(x, 1)
    vae_search(x, list())
    vae_search(x, model_binary, list(1:3))
    vae_search(x, model_binary, list(latent = 1:3))
    vae_search(x, model_binary(), list(latent_dim = 1:3))
    vae_search(x, model_binary, list(latent_dim = integer()))
    vae_search(x, model_binary, list(latent_dim = 1:3), draws = 4)
    vae_search(x, model_binary, list(latent_dim = function(n) 1:n))
    vae_search(x, model_binary, list(latent_dim = function(n) 1), draws = 2)
    vae_search(x, model_binary, epoch = 3)
    vae_search(x, model_binary, validation = 2)
    search(list(batch_size = 8), folder = folder, seed = 2)
    search(list(batch_size = 8), folder = folder, epochs = 2)
    search(list(batch_size = 8), folder = other)
  })
})
