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

test_that("reshape() of a data frame is the one of stats", {
  # Found first where the package is attached.
  f <- function(d, ...) reshape(d, direction = "long", ...)
  environment(f) <- list2env(list(reshape = reshape), parent = environment())
  wide <- data.frame(id = 1:3, x1 = c(5, 6, 7), x2 = c(8, 9, 10))
  long <- stats::reshape(wide, varying = c("x1", "x2"), v.names = "x", idvar = "id", direction = "long")
  expect_equal(f(wide, varying = c("x1", "x2"), v.names = "x", idvar = "id"), long)
  expect_equal(reshape(data = wide, varying = c("x1", "x2"), v.names = "x", idvar = "id", direction = "long"), long)
  expect_equal(reshape(wide, c("x1", "x2"), v.names = "x", idvar = "id", direction = "long"), long)
  expect_equal(reshape(long), stats::reshape(long))
  expect_equal(lapply(list(wide), reshape, varying = 2:3, v.names = "x", direction = "long")[[1]]$x, long$x)
  expect_error(reshape(c(7, 7), direction = "long"), "must be empty")
  expect_identical(format_layer(reshape(c(7, 7, 3))), "reshape(target_shape = c(7, 7, 3))")
})
