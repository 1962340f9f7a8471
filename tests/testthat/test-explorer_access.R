test_that("tokens are long, new each time, none of R's random numbers, and compared as a whole", {
  set.seed(1)
  before <- .Random.seed
  one <- access_token()
  expect_match(one, "^[0-9a-f]{32}$")
  set.seed(1)
  expect_false(access_token() == one)
  expect_identical(.Random.seed, before)
  expect_true(same_token(one, one))
  for (wrong in list(NULL, NA_character_, "", substr(one, 1, 31), paste0(one, "0"), chartr("0123456789abcdef", "123456789abcdef0", one), c(one, one), 1)) {
    expect_false(same_token(wrong, one))
  }
})

test_that("only the page itself, under this machine's name, is answered", {
  ask <- function(host, origin = NULL, ...) from_own_page(list(HTTP_HOST = host, HTTP_ORIGIN = origin), ...)
  expect_true(ask("127.0.0.1:4000"))
  expect_true(ask("localhost:4000", "http://localhost:4000", origin_needed = TRUE))
  expect_false(ask("127.0.0.1:4000", origin_needed = TRUE))
  for (origin in c("http://evil.example", "null", "http://127.0.0.1:4001", "http://127.0.0.1:4000.evil.example", "")) {
    expect_false(ask("127.0.0.1:4000", origin))
  }
  for (host in list("evil.example:4000", "127.0.0.1.evil.example", "", NULL)) expect_false(ask(host))
  expect_true(ask("rstudio.example.org", "https://rstudio.example.org", "rstudio.example.org"))
  expect_false(ask("127.0.0.1:4000", "https://evil.example", "rstudio.example.org"))
})

test_that("what the page sends is limited and looked at", {
  request <- function(bytes, length = bytes) {
    list(CONTENT_LENGTH = as.character(length), rook.input = list(read = function(most) raw(min(bytes, most))))
  }
  expect_length(question_body(request(8), 8), 8)
  expect_error(question_body(request(9), 8), "longer than 8 bytes")
  expect_error(question_body(request(9, 1), 8), "longer than 8 bytes")
  expect_error(question_body(request(0, "many"), 8), "longer than 8 bytes")
  expect_identical(selected_rows(list(3, 1, 3, 0, 11, 1.5, NA, -2), 10), c(1L, 3L))
  expect_identical(selected_rows(NULL, 10), integer())
  expect_identical(selected_rows("x", 10), integer())
})
