# What is written about the package, against its sources; where these are not at hand, nothing is checked.

sources <- function() {
  root <- normalizePath(test_path("..", ".."))
  skip_if_not(file.exists(file.path(root, "vignettes", "articles")), "the package's sources are not here")
  root
}

test_that("all words of help, articles and README are words, or in inst/WORDLIST", {
  skip_on_cran()
  skip_if_not_installed("spelling")
  wrong <- spelling::spell_check_package(sources())$word
  # Later versions of the spelling package look at "float32" and "3's" too: no dictionary has these.
  expect_identical(wrong[!grepl("[0-9]", wrong)], character())
})

# Files as one string, C++ strings that go on in the next line joined.
text_of <- function(root, files) {
  text <- unlist(lapply(file.path(root, files), readLines, warn = FALSE))
  gsub("\"\\s+\"", "", paste(text, collapse = "\n"))
}

test_that("every message that the article on installation quotes is one that the sources hold", {
  root <- sources()
  r <- list.files(file.path(root, "R"), "[.]R$")
  cpp <- list.files(file.path(root, "src"), "[.](h|cpp)$")
  all <- text_of(root, c("configure", "tools/get-libtorch", "inst/python/sketchvae_torch_guard.py", file.path("R", r),
    file.path("src", cpp)))
  article <- readLines(file.path(root, "vignettes/articles/install.Rmd"))
  tables <- cumsum(grepl("^\\| it says ", article))
  rows <- article[tables > 0 & grepl("^\\| `", article)]
  quoted <- regmatches(rows, regexpr("`[^`]+`", rows))
  expect_gt(length(quoted), 30)
  parts <- trimws(unlist(strsplit(gsub("`", "", quoted), "...", fixed = TRUE)))
  parts <- gsub("[.:]$", "", parts[nchar(parts) > 3])
  missing <- parts[!vapply(parts, grepl, NA, x = all, fixed = TRUE)]
  expect_identical(missing, character())
})

test_that("every variable of configure and every way in which it fails is in the article on installation", {
  root <- sources()
  article <- text_of(root, "vignettes/articles/install.Rmd")
  found <- text_of(root, c("configure", "tools/get-libtorch"))
  variables <- unique(unlist(regmatches(found, gregexpr("(SKETCHVAE|LIBTORCH|TORCH|CUDA|XDG|R_USER)_[A-Z_]+", found))))
  # Names of C++ macros that it writes or reads are no variables of the user's.
  variables <- setdiff(variables, c("SKETCHVAE_LIBTORCH_VERSION", "SKETCHVAE_LIBTORCH_HOME",
    "SKETCHVAE_LIBTORCH_SOURCE", "SKETCHVAE_CUDA_REASON", "TORCH_VERSION_MAJOR", "TORCH_VERSION_MINOR",
    "TORCH_VERSION_PATCH", "TORCH_CPPFLAGS", "TORCH_LIBS"))
  expect_identical(variables[!vapply(variables, grepl, NA, x = article, fixed = TRUE)], character())

  configure <- readLines(file.path(root, "configure"))
  first <- regmatches(configure, regexpr("fail (/dev/null|\"[$]work/evidence\") \"[^\"]+\"", configure))
  sentences <- gsub("^.* \"|\"$", "", first)
  # The longest run of words without a variable.
  words <- vapply(strsplit(sentences, "\\$[a-zA-Z_{}:-]+|[()]"), function(p) trimws(p[which.max(nchar(p))]), "")
  words <- gsub("^'|'$|[:.]$", "", words[nchar(words) > 12])
  expect_gt(length(words), 8)
  expect_identical(words[!vapply(words, grepl, NA, x = article, fixed = TRUE)], character())
})
