test_that("every schedule has the same fields", {
  schedules <- list(kl_schedule_none(), kl_schedule_linear(10, 10),
                    kl_schedule_cyclical(1, 2, 5, by = "step"), kl_schedule_sigmoid(5, 2))
  for (schedule in schedules) {
    expect_named(schedule, c("kind", "start", "steep", "period", "by"))
  }
  expect_identical(schedules[[3]]$by, "step")
  expect_identical(schedules[[4]]$start, 5)
})

test_that("a recipe's kl_start and kl_steep are a linear schedule", {
  expect_identical(recipe_kl_schedule(model_sheep()$recipe), kl_schedule_linear(10, 10))
  expect_identical(recipe_kl_schedule(model_digits()$recipe), kl_schedule_none())
  expect_identical(recipe_kl_schedule(list(kl_schedule = kl_schedule_sigmoid(5, 2))),
                   kl_schedule_sigmoid(5, 2))
})

test_that("printing a schedule says it in words", {
  expect_snapshot({
    kl_schedule_none()
    kl_schedule_linear(10, 1)
    kl_schedule_cyclical(1, 2, 1000, by = "step")
    kl_schedule_sigmoid(5, 2)
  })
})

test_that("wrong schedules are refused", {
  expect_snapshot(error = TRUE, {
    kl_schedule_linear(-1, 10)
    kl_schedule_linear(1, 0)
    kl_schedule_cyclical(1, 2, 0)
    kl_schedule_sigmoid(Inf, 1)
    kl_schedule_linear(1, 1, by = "batch")
  })
})
