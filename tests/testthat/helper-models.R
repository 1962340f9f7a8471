# The presets' wire form is committed for tests that run without R. After a wanted change:
#   Rscript -e 'devtools::load_all(); for (m in c("sheep", "digits", "binary")) writeLines(
#     list_to_json_cpp(get(paste0("model_", m))()), paste0("tests/fixtures/models/", m, ".json"))'
expect_current_fixture <- function(name, model) {
  path <- test_path("..", "fixtures", "models", paste0(name, ".json"))
  testthat::skip_if_not(file.exists(path), "tests/fixtures is not here")
  testthat::expect_identical(readLines(path), list_to_json_cpp(model))
}

# Another value for something inside the package, until the calling test ends.
local_binding <- function(name, value, env = parent.frame()) {
  inside <- asNamespace("sketchvae")
  old <- get(name, inside)
  put <- function(value) {
    unlockBinding(name, inside)
    assign(name, value, inside)
    lockBinding(name, inside)
  }
  put(value)
  withr::defer(put(old), env)
}
