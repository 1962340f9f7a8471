skip_if_not_installed("hdf5r")

hdf5_file <- function(envir = parent.frame()) {
  file <- hdf5r::H5File$new(test_path("fixtures", "hdf5-types.h5"), mode = "r")
  withr::defer(file$close_all(), envir = envir)
  file
}

test_that("numbers of every type and way of storage are read", {
  file <- hdf5_file()
  numbers <- grep("^number_", names(file), value = TRUE)
  expect_length(numbers, 10)
  for (name in numbers) {
    expect_identical(read_numbers(child(file, name), c(2, 3), name), matrix(c(0, 3, 1, 4, 2, 5), 2), label = name)
  }
  expect_identical(read_numbers(child(file, "never_written"), c(2, 3), "it"), matrix(0, 2, 3))
})

test_that("whatever else an array holds is named, and never ends the session", {
  file <- hdf5_file()
  others <- c("opaque_4", "opaque_1", "boolean", "complex", "record", "text", "text_fixed", "list", "reference", "region",
    "enumeration", "array", "large_pieces", "huge", "external", "virtual", "other_file", "nowhere", "circle", "empty", "single",
    "group", "bfloat16_packed")
  said <- vapply(others, function(name) {
    conditionMessage(expect_error(read_numbers(child(file, name), c(2, 3), name)))
  }, "")
  expect_snapshot(cat(said, sep = "\n"))
})

test_that("attributes that are no text are errors, empty ones are empty", {
  file <- hdf5_file()
  expect_identical(read_strings(file, "text"), "abc")
  expect_identical(read_strings(file, "texts"), c("ab", "c"))
  expect_identical(read_strings(file, "nothing"), "")
  expect_identical(read_strings(file, "null"), character())
  for (name in c("opaque", "record", "number", "boolean", "reference")) {
    expect_error(read_strings(file, name), "is not text")
  }
  expect_error(read_strings(file, "missing"), "is missing")
})

test_that("groups in a circle end", {
  path <- damaged("flat.weights.h5", function(f) {
    f[["layers"]]$link_create_hard(f, "/", "again")
    f[["layers/dense"]]$link_create_hard(f, "/layers", "again")
  })
  file <- hdf5r::H5File$new(path, mode = "r")
  withr::defer(file$close_all())
  expect_length(stored_layers(file), 11)
})
