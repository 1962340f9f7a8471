# The model whose weights real Keras wrote into fixtures/keras (tests/parity/keras_files.py fixtures).
tiny_model <- function(...) {
  vae_model(
    list(conv_2d(2, 3, strides = 2, activation = "relu"), flatten(), dense(5, "relu"), dropout(.1),
         batch_norm(), dense(4, "tanh")),
    2,
    list(dense(3, "relu"), batch_norm(), dense(18, "relu"), reshape(c(3, 3, 2)),
         conv_2d_transpose(3, c(3, 2), strides = 2, activation = "relu"),
         conv_2d(1, 3, activation = "sigmoid")),
    input = c(6, 6), name = "tiny"
  )
}

keras_file <- function(name) test_path("fixtures", "keras", name)

keras_fit <- function() import_keras(keras_file("flat.h5"), tiny_model(), heads = c("dense_2", "dense_3"))

# A copy of a fixture that `change(file)` has changed.
damaged <- function(name, change, ending = sub("^[^.]*", "", name)) {
  path <- withr::local_tempfile(fileext = ending, .local_envir = parent.frame())
  file.copy(keras_file(name), path)
  file <- hdf5r::H5File$new(path, mode = "r+")
  change(file)
  file$close_all()
  path
}

hide_paths <- function(lines) gsub("'?[^ ']*/([^/ ']*[.](h5|keras))'?", "<path>", lines)

# The model of tests/parity/keras_variants.py: layers of the same shape in encoder, decoder and heads.
pair_model <- function() {
  vae_model(
    list(flatten(), dense(4, "relu"), dense(4, "tanh"), batch_norm()), 2,
    list(dense(4, "relu"), dense(4, "tanh"), dense(36, "sigmoid")), input = c(6, 6), name = "pair"
  )
}

pair_file <- function(name) test_path("fixtures", "keras", "pair", name)
