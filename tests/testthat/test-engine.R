test_that("an error of the engine arrives in the name of the user's function", {
  as_user <- function() run_engine(pixels_from_values_cpp(-1, TRUE, FALSE))
  e <- expect_error(as_user(), "negative", class = "sketchvae_engine_error")
  expect_equal(conditionCall(e), quote(as_user()))
})

test_that("an interrupt of the engine is an interrupt in R", {
  stopped <- structure(
    class = c("sketchvae::Interrupted", "C++Error", "error", "condition"),
    list(message = "interrupted", call = NULL)
  )
  caught <- tryCatch(run_engine(stop(stopped)), interrupt = function(e) "caught")
  expect_identical(caught, "caught")
})

test_that("Ctrl-C ends a long call within a second", {
  skip_if_not_installed("callr")
  skip_on_os("windows")
  child <- callr::r_bg(function(loaded) {
    if (nzchar(loaded)) library(sketchvae, lib.loc = loaded)
    writeLines("ready", stdout())
    tryCatch(
      sketchvae::simulate_sheep(4e5, seed = 1),
      interrupt = function(e) "stopped",
      error = conditionMessage
    )
  }, args = list(loaded = dirname(find.package("sketchvae"))), stdout = "|")
  withr::defer(child$kill())
  child$poll_io(30000)
  Sys.sleep(1)
  before <- Sys.time()
  child$interrupt()
  child$wait(20000)
  expect_false(child$is_alive())
  expect_lt(as.numeric(Sys.time() - before, units = "secs"), 5)
  expect_identical(child$get_result(), "stopped")
})
