test_that("a walk passes its stops in steps of equal length", {
  walk <- latent_interpolate(rbind(c(0, 0), c(3, 0), c(3, 1)), n = 5)
  expect_equal(walk, rbind(c(0, 0), c(1, 0), c(2, 0), c(3, 0), c(3, 1)))
  expect_equal(latent_interpolate(cbind(c(1, 2)), 3), cbind(c(1, 1.5, 2)))
  z <- rbind(c(1, 2, 3), c(-1, 0, 5))
  expect_equal(latent_interpolate(z, 2), z)
})

test_that("a stop given twice is passed once, and a walk on the spot stays there", {
  stops <- rbind(c(0, 0), c(0, 0), c(2, 0))
  expect_equal(latent_interpolate(stops, 3), rbind(c(0, 0), c(1, 0), c(2, 0)))
  expect_equal(latent_interpolate(stops[1:2, ], 3), matrix(0, 3, 2))
})

test_that("walks without two stops are refused", {
  expect_snapshot(error = TRUE, {
    latent_interpolate(c(0, 1))
    latent_interpolate(pretrained_sheep())
    latent_interpolate(few_sheep(2))
    latent_interpolate(rbind(c(0, 1)))
    latent_interpolate(rbind(c(0, 1), c(NA, 1)))
    latent_interpolate(rbind(0, 1), n = 1)
  })
})
