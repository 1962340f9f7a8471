test_that("a layer is a classed list of its kind and plain fields", {
  expect_identical(
    unclass(conv_2d(10, 4, strides = c(2, 1), activation = "relu")),
    list(kind = "conv_2d", filters = 10, kernel_size = c(4, 4), strides = c(2, 1),
         padding = "same", activation = "relu")
  )
  expect_identical(unclass(dense(5, name = "code")),
                   list(kind = "dense", name = "code", units = 5, activation = "linear"))
  expect_identical(unclass(reshape(784))$target_shape, list(784))
  expect_identical(unclass(flatten()), list(kind = "flatten"))
  expect_s3_class(batch_norm(), "vae_layer")
})

test_that("slopes have Keras' defaults and can be chosen", {
  expect_identical(dense(5, "leaky_relu")$slope, .2)
  expect_identical(dense(5, "elu")$slope, 1)
  expect_null(dense(5, "relu")$slope)
  expect_identical(conv_2d(1, 3, activation = activation("leaky_relu", slope = .05))$slope, .05)
  expect_identical(activation("elu", slope = 2)$slope, 2)
})

test_that("printing a layer shows the call that makes it", {
  expect_snapshot({
    conv_2d_transpose(10, c(4, 3), strides = 2)
    dense(100, activation("leaky_relu", slope = .1), name = "wide")
    reshape(c(7, 7, 3))
  })
})

test_that("wrong arguments of layers are refused in the user's words", {
  expect_snapshot(error = TRUE, {
    conv_2d(0, 3)
    conv_2d(2.5, 3)
    conv_2d(3, c(1, 2, 3))
    conv_2d(3, 3, strides = 0)
    conv_2d_transpose(3, 3, padding = "full")
    dense("10")
    dense(10, "swish")
    dense(10, name = "a/b")
    dropout(1)
    dropout(-.1)
    batch_norm(momentum = 2)
    batch_norm(epsilon = 0)
    reshape(c(1, 2, 3, 4))
    activation("relu", slope = .1)
    activation("elu", slope = -1)
  })
})

test_that("attaching masks nothing, and the names work within vae_model()", {
  seen <- in_fresh_session(function() {
    # What other packages would have attached before.
    others <- lapply(c(flatten = 1, dense = 2), function(k) `environment<-`(function(...) stop("another's"), asNamespace("tools")))
    attach(others["flatten"], name = "before")
    said <- character()
    withCallingHandlers(library(sketchvae), packageStartupMessage = function(m) said <<- c(said, conditionMessage(m)))
    attach(others["dense"], name = "after")
    activation <- "tanh"
    model <- vae_model(list(flatten(), dense(8, activation)), 2, list(dense(784), reshape(c(28, 28, 1))))
    elsewhere <- with(vae_layers, list(flatten(), dense(8, activation = "tanh")))
    local({
      dense <- function(n, ...) sketchvae::dense(n + 1, ...)
      own <<- vae_model(list(flatten(), dense(8)), 2, list(sketchvae::dense(784)))$encoder[[2]]$units
    })
    list(
      reshape = identical(reshape, stats::reshape), flatten = environmentName(topenv(environment(flatten))),
      said = grep("flatten|reshape", said, value = TRUE), same = identical(model$encoder, vae_model(elsewhere, 2, list(sketchvae::dense(784)))$encoder),
      exported = is.function(sketchvae::flatten) && is.function(sketchvae::reshape), own = own
    )
  })
  expect_true(seen$reshape)
  expect_identical(seen$flatten, "tools")
  expect_identical(seen$said, character())
  expect_true(seen$same)
  expect_true(seen$exported)
  expect_identical(seen$own, 9)
})

test_that("nothing that library() attaches has a name of R's own packages", {
  attached <- setdiff(getNamespaceExports("sketchvae"), unattached)
  for (package in c("base", "stats", "utils", "graphics", "grDevices", "datasets", "methods")) {
    expect_identical(intersect(attached, ls(paste0("package:", package), all.names = TRUE)), character(), info = package)
  }
})

