# Starts the server with a file of 900 drawings, and a cache of its own.
local_server <- function(env = rlang::caller_env()) {
  skip_if_not_installed("curl")
  python <- Sys.which("python3")
  skip_if(!nzchar(python), "python3 is not there to serve files")
  folder <- withr::local_tempdir(.local_envir = env)
  info <- withr::local_tempfile(.local_envir = env)
  write_npy(file.path(folder, "sheep.npy"), simulate_sheep(900, seed = 1)$pixels, c(900, 784))
  file.copy(file.path(folder, "sheep.npy"), file.path(folder, "The Eiffel Tower.npy"))
  system2(python, c(test_path("server.py"), folder, info), wait = FALSE, stdout = FALSE,
    stderr = FALSE)
  for (i in 1:100) {
    if (file.exists(info)) break
    Sys.sleep(0.1)
  }
  skip_if_not(file.exists(info), "a local web server can be started")
  address <- scan(info, quiet = TRUE)
  withr::defer(tools::pskill(address[[2]]), envir = env)
  cache <- withr::local_tempdir(.local_envir = env)
  withr::local_envvar(R_USER_CACHE_DIR = cache, no_proxy = "127.0.0.1", .local_envir = env)
  url <- function(kind) sprintf("http://127.0.0.1:%d/%s/", as.integer(address[[1]]), kind)
  list(
    folder = folder, url = url, cache = cache,
    # What load_quickdraw() gives from a server that behaves so.
    load = function(kind, category = "sheep") {
      withr::with_options(list(sketchvae.quickdraw_url = url(kind)), load_quickdraw(category))
    },
    asked = function() readLines(paste0(info, ".log")),
    forget = function() unlink(c(paste0(info, ".log"), file.path(cache, list.files(cache, all.files = TRUE, no.. = TRUE))), recursive = TRUE),
    cached = function() list.files(cache, recursive = TRUE),
    file = function(name = "sheep.npy") {
      list.files(cache, paste0("^", gsub(".", "[.]", name, fixed = TRUE), "$"), recursive = TRUE, all.files = TRUE, full.names = TRUE)
    }
  )
}

right <- function() simulate_sheep(900, seed = 1)$pixels
expect_right <- function(x) testthat::expect_identical(x$pixels, right())
expect_download_error <- function(expr, text = NULL) testthat::expect_error(expr, text, class = "sketchvae_download_error")

test_that("a category is downloaded once and then comes from the cache", {
  server <- local_server()
  withr::local_options(sketchvae.quickdraw_url = server$url("good"))
  x <- load_quickdraw("sheep")
  expect_right(x)
  expect_identical(load_quickdraw("sheep", n = 3), x[1:3])
  expect_identical(server$asked(), "/good/sheep.npy None")
  expect_match(server$cached(), "quickdraw/sheep.npy$")
  both <- load_quickdraw(c("The Eiffel Tower", "sheep"), n = 2)
  expect_identical(labels(both), rep(c("The Eiffel Tower", "sheep"), each = 2))
  expect_identical(server$asked()[[2]], "/good/The%20Eiffel%20Tower.npy None")
})

test_that("a line that is cut is taken up where it stopped, again and again", {
  server <- local_server()
  expect_right(server$load("cut"))
  asked <- server$asked()
  expect_length(asked, 2)
  expect_match(asked[[2]], "bytes=352837-$")
  expect_match(server$cached(), "sheep.npy$")
  server$forget()
  expect_right(server$load("cut150000"))
  expect_identical(sub(".*=", "", server$asked()[-1]), sprintf("%d-", 1:4 * 150000L))
  for (kind in c("cut150000+noetag", "cut150000+nodate", "cut+moved")) {
    server$forget()
    expect_right(server$load(kind))
    expect_match(server$asked(), "bytes=[1-9]", all = FALSE)
  }
})

test_that("only what is surely the rest of the same file is taken", {
  server <- local_server()
  for (kind in c("cut+whole", "cut+noetag+nodate", "cut+weak+nodate", "cut+lies", "cut+shifted", "cut+unsaid", "cut+status416")) {
    server$forget()
    x <- server$load(kind)
    if (kind == "cut+lies") {
      # Another file stands there now: that, and nothing of the one before.
      expect_identical(sort(as.integer(x$pixels)), sort(as.integer(right())))
      expect_identical(x$pixels[1:784], rev(right())[1:784])
    } else {
      expect_right(x)
    }
    expect_match(utils::tail(server$asked(), 1), if (kind == "cut+whole") "bytes=" else "None$")
  }
  server$forget()
  expect_identical(server$load("cut+changed")$pixels, rev(right()))
})

test_that("a web page never comes into the cache, nor spoils what is there", {
  server <- local_server()
  for (kind in c("cut+page", "cut+login", "cut+status401", "cut+status407", "cut+status304", "cut+status204")) {
    server$forget()
    expect_download_error(server$load(kind), "are kept: call again")
    expect_match(server$cached(), "sheep.npy.part$")
    expect_identical(file.size(server$file("sheep.npy.part")), 352837)
    expect_right(server$load("good"))
    expect_match(utils::tail(server$asked(), 1), "bytes=352837-$")
  }
  server$forget()
  for (kind in c("page", "login", "status204", "status206", "status304", "status403", "status500")) {
    expect_download_error(server$load(kind))
    expect_identical(server$cached(), character())
  }
  expect_download_error(server$load("page"), "is a web page")
  expect_download_error(server$load("status403"), "The server answered 403 Forbidden")
  e <- expect_download_error(server$load("good", "sheeep"), "404 Not Found")
  expect_match(conditionMessage(e), "Is \"sheeep\" a category")
  expect_match(conditionMessage(e), "categories.txt", fixed = TRUE)
})

test_that("a file of another length, of other numbers or with other bytes is refused", {
  server <- local_server()
  expect_download_error(server$load("short"), "The server has 704891 bytes, but its header promises 705675")
  expect_download_error(server$load("long"), "The server has 706459 bytes, but its header promises 705675")
  expect_download_error(server$load("short+nolength"), "its header promises more")
  server$forget()
  expect_download_error(server$load("long+nolength"), "longer than its header says")
  expect_identical(server$cached(), character())
  for (kind in c("nolength", "gzip", "cut+gzip")) {
    expect_right(server$load(kind))
    expect_match(server$asked(), "None$")
    server$forget()
  }
  server$forget()
  expect_right(server$load("md5"))
  server$forget()
  expect_download_error(server$load("badmd5"), "MD5")
  expect_download_error(server$load("cut+md5+garbled"), "MD5")
  expect_identical(server$cached(), character())
  write_npy(file.path(server$folder, "floats.npy"), rep(0, 1568), c(2, 784), "<f4", size = 4)
  write_npy(file.path(server$folder, "cube.npy"), raw(2 * 900), c(2, 30, 30))
  write_npy(file.path(server$folder, "one.npy"), as.raw(in_c_order(pixels(1))), c(1, 784))
  expect_download_error(server$load("good", "floats"), "another array than the drawings")
  expect_error(server$load("good", "cube"))
  expect_identical(server$cached(), character())
  expect_length(server$load("good", "one"), 1)
})

test_that("a download that dies keeps what arrived, and the next call goes on", {
  server <- local_server()
  e <- expect_download_error(server$load("dead"), "are kept: call again")
  expect_match(conditionMessage(e), "By hand: download it with another program and save it as")
  expect_match(conditionMessage(e), "quickdraw/sheep.npy", fixed = TRUE)
  expect_match(server$cached(), "sheep.npy.part$")
  expect_right(server$load("good"))
  expect_match(utils::tail(server$asked(), 1), "^/good/sheep.npy bytes=[1-9]")
})

test_that("a part that is not what came is not gone on with", {
  server <- local_server()
  good <- NULL
  damage <- list(
    flipped = function(bytes) replace(bytes, 999, xor(bytes[[999]], as.raw(1))),
    cut = function(bytes) bytes[1:100000],
    page = function(bytes) charToRaw(strrep("<html>", 50))
  )
  for (how in names(damage)) {
    server$forget()
    expect_download_error(server$load(paste0("dead+", how)), "kept")
    part <- server$file("sheep.npy.part")
    writeBin(damage[[how]](readBin(part, "raw", 1e6)), part)
    expect_right(server$load("good"))
    expect_match(utils::tail(server$asked(), 1), "None$")
  }
  # What was appended is cut off; what nothing is known of is not used.
  server$forget()
  expect_download_error(server$load("dead"), "kept")
  cat("<html>", file = server$file("sheep.npy.part"), append = TRUE)
  expect_right(server$load("good"))
  expect_match(utils::tail(server$asked(), 1), "bytes=[1-9]")
  server$forget()
  expect_download_error(server$load("dead+again"), "kept")
  unlink(server$file(".sheep.npy.part.known"))
  expect_right(server$load("good"))
  expect_match(utils::tail(server$asked(), 1), "None$")
})

test_that("a cached file that is not what was downloaded is said to be so and downloaded again", {
  server <- local_server()
  server$load("good")
  path <- server$file()
  bytes <- readBin(path, "raw", 1e6)
  for (bad in list(replace(bytes, 5000, xor(bytes[[5000]], as.raw(1))), bytes[1:5000], charToRaw("<html>"))) {
    writeBin(bad, path)
    expect_warning(x <- server$load("good"), "is not what was downloaded")
    expect_right(x)
  }
  expect_length(server$asked(), 4)
  # Copied or touched, it is the same.
  Sys.setFileTime(path, Sys.time() - 1000)
  expect_right(server$load("status404"))
  # When it cannot be had, nothing is loaded.
  writeBin(bytes[1:5000], path)
  expect_warning(expect_download_error(server$load("status404"), "404"), "is not what was downloaded")
  # Put there by hand: another file, and one that is no file of drawings.
  server$forget()
  dir.create(dirname(path), recursive = TRUE)
  write_npy(path, as.raw(in_c_order(pixels(2))), c(2, 784))
  expect_length(server$load("status404"), 2)
  writeLines("<html>", path)
  expect_warning(expect_right(server$load("good")), "is damaged")
})

test_that("without a connection the message says where to put the file by hand", {
  cache <- withr::local_tempdir()
  withr::local_envvar(R_USER_CACHE_DIR = cache, no_proxy = "127.0.0.1")
  withr::local_options(sketchvae.quickdraw_url = "http://127.0.0.1:1/x")
  e <- expect_download_error(load_quickdraw("sheep"), "onnect")
  expect_match(conditionMessage(e), "http://127.0.0.1:1/x/sheep.npy", fixed = TRUE)
  expect_no_match(conditionMessage(e), "a category")
  expect_match(conditionMessage(e), file.path("quickdraw", "sheep.npy"), fixed = TRUE)
  # Done by hand, it is found.
  path <- file.path(tools::R_user_dir("sketchvae", "cache"), "quickdraw", "sheep.npy")
  write_npy(path, as.raw(in_c_order(pixels(2))), c(2, 784))
  expect_length(load_quickdraw("sheep"), 2)
})

test_that("a folder on this machine is a server too", {
  folder <- withr::local_tempdir()
  withr::local_envvar(R_USER_CACHE_DIR = withr::local_tempdir())
  write_npy(file.path(folder, "sheep.npy"), as.raw(in_c_order(pixels(2))), c(2, 784))
  withr::local_options(sketchvae.quickdraw_url = paste0("file://", folder))
  expect_length(load_quickdraw("sheep"), 2)
  expect_download_error(load_quickdraw("cow"))
})

test_that("two sessions that want the same file download it once", {
  skip_on_cran()
  server <- local_server()
  load <- function(url) {
    options(sketchvae.quickdraw_url = url)
    sketchvae::load_quickdraw("sheep")$pixels
  }
  url <- server$url("slow")
  other <- callr::r_bg(load, list(url), libpath = .libPaths())
  wait <- Sys.time()
  while (length(server$file("sheep.npy.part")) == 0 && Sys.time() - wait < 30) Sys.sleep(.01)
  withr::local_options(sketchvae.quickdraw_url = url)
  expect_message(x <- load_quickdraw("sheep"), "Another R session downloads sheep")
  expect_right(x)
  other$wait(30000)
  expect_identical(other$get_result(), right())
  expect_length(server$asked(), 1)
})

test_that("Ctrl-C and a kill keep what arrived", {
  skip_on_cran()
  skip_on_os("windows")
  server <- local_server()
  load <- function(url) {
    options(sketchvae.quickdraw_url = url)
    sketchvae::load_quickdraw("sheep")
  }
  process <- callr::r_bg(load, list(server$url("slow")), libpath = .libPaths())
  size <- function() sum(file.size(server$file("sheep.npy.part")), 0)
  wait <- Sys.time()
  while (size() < 300000 && Sys.time() - wait < 30) Sys.sleep(.01)
  process$interrupt()
  process$wait(5000)
  expect_false(process$is_alive())
  expect_gte(size(), 300000)
  expect_right(server$load("good"))
  expect_match(utils::tail(server$asked(), 1), "bytes=[1-9]")
})

test_that("a full disk and a folder that cannot be written are said", {
  server <- local_server()
  full <- small_disk()
  withr::local_envvar(R_USER_CACHE_DIR = full)
  filler <- file.path(full, "filler")
  writeBin(raw(3 * 2^20 - 200000), filler)
  expect_download_error(server$load("good"), "No space left on device")
  unlink(filler)
  expect_right(server$load("good"))
  expect_match(utils::tail(server$asked(), 1), "bytes=[1-9]")
  unlink(file.path(full, "R"), recursive = TRUE)

  folder <- withr::local_tempdir()
  Sys.chmod(c(dirname(folder), folder), c("755", "555"))
  expect_match(as_a_user(folder, function(folder) {
    Sys.setenv(R_USER_CACHE_DIR = folder)
    options(cli.width = 1000) # no line break whose place depends on how long the folder's name is
    tryCatch(sketchvae::load_quickdraw("sheep"), error = conditionMessage)
  }), "The cache(.|\n)*cannot be made(.|\n)*R_USER_CACHE_DIR")
})
