test_that("two that write the same file at once have names of their own, and each file is whole", {
  folder <- withr::local_tempdir()
  file <- file.path(folder, "page.html")
  parts <- character()
  write_whole(file, function(part) {
    parts <<- c(parts, part)
    write_lines("half of the first", part)
    # Another session comes in between.
    write_whole(file, function(other) {
      parts <<- c(parts, other)
      write_lines("the second", other)
    })
    expect_identical(readLines(file), "the second")
    write_lines(c("the first", "whole"), part)
  })
  expect_length(unique(parts), 2)
  expect_identical(readLines(file), c("the first", "whole"))
  expect_identical(list.files(folder, all.files = TRUE, no.. = TRUE), "page.html")
})

test_that("what cannot be written leaves the old file and nothing else, and is said", {
  folder <- withr::local_tempdir()
  file <- file.path(folder, "a")
  writeLines("old", file)
  expect_error(write_whole(file, function(part) {
    writeLines("new", part)
    stop("disk full")
  }, arg = "path"), "`path`: .*a.* cannot be written")
  expect_identical(readLines(file), "old")
  expect_identical(list.files(folder, all.files = TRUE, no.. = TRUE), "a")
  expect_error(write_whole(file.path(folder, "none", "a"), function(part) writeLines("", part)), "cannot be written")
  # A folder stands where the file should.
  dir.create(file.path(folder, "b"))
  expect_error(write_whole(file.path(folder, "b"), function(part) writeLines("", part)), "cannot be written")
  expect_setequal(list.files(folder, all.files = TRUE, no.. = TRUE), c("a", "b"))
})

test_that("pages, pictures and searches are written so: a .part of another session is nobody's business", {
  skip_if_not_installed("magick")
  folder <- withr::local_tempdir()
  fit <- quick_fit(few_sheep(20))
  file <- function(name) file.path(folder, name)
  for (name in c("walk.gif", "page.html", "results.jsonl")) writeLines("another's", paste0(file(name), ".part"))
  animate_walk(fit, matrix(c(0, 1, 0, 1), 2), file("walk.gif"), n = 2, scale = 2)
  save_explorer(fit, few_sheep(20), file("page.html"), grid = 2)
  vae_search(few_sheep(20), model_binary, list(latent_dim = 2), hidden = 5, epochs = 1, seed = 1, folder = folder, verbose = FALSE)
  expect_true(all(file.exists(file(c("walk.gif", "page.html", "results.jsonl")))))
  for (name in c("walk.gif", "page.html", "results.jsonl")) expect_identical(readLines(paste0(file(name), ".part")), "another's")
})
