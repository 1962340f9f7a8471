#' @rdname export_keras
#' @export
import_keras <- function(path, model, heads = NULL, layers = NULL) {
  path <- check_path(path, exists = TRUE)
  if (!missing(model) && inherits(model, "vae")) model <- model$model
  check_class(model, "vae_model", made_by = "?vae_model")
  ours <- keras_layers(model)
  named <- check_matching(heads, layers, vapply(ours, `[[`, "", "name"))
  kind <- file_kind(path)
  if (!kind %in% c("hdf5", "keras")) abort_file(path, "weights of Keras (.h5, .weights.h5 or .keras)", kind)
  rlang::check_installed("hdf5r", "to read Keras' files.")
  content <- if (kind == "keras") unpack_keras(path, model) else list(weights = path)
  on.exit(unlink(content$folder, recursive = TRUE))
  read <- read_keras_apart(content, ours, named, path)
  weights <- do.call(c, unname(read$layers))
  report_matching(path, read, ours)
  report_left_out(path, read$stored, ours)
  report_differences(path, read$stored, model)
  report_not_finite(path, weights)
  new_vae(
    model = model, weights = pack_weights(model, weights), history = NULL, seed = NULL, device = "cpu",
    precision = "float32", threads = NULL, n = NULL, batch_size = as.integer(model$recipe$batch_size),
    interrupted = FALSE
  )
}

# The file's layers that the user named, by the model's.
check_matching <- function(heads, layers, ours, call = rlang::caller_env()) {
  if (!is.null(heads) && (!is.character(heads) || length(heads) != 2 || anyNA(heads))) {
    abort_argument(heads, "heads", "NULL, or two names of layers in the file, that of the mean first", call)
  }
  if (!is.null(layers) && (!is.character(layers) || anyNA(layers) || !rlang::is_named(layers) || anyDuplicated(names(layers)))) {
    abort_argument(layers, "layers", "NULL, or names of layers in the file, named as the model's layers are", call)
  }
  unknown <- setdiff(names(layers), ours)
  if (length(unknown) > 0) {
    cli::cli_abort("{.arg layers}: the model has no layer {.val {unknown[[1]]}} with weights; it has {.val {ours}}.", call = call)
  }
  if (!is.null(heads)) layers <- c(stats::setNames(heads, c("z_mean", "z_log_var")), layers)
  if (anyDuplicated(names(layers)) || anyDuplicated(layers)) {
    cli::cli_abort("{.arg heads} and {.arg layers} must name every layer once.", call = call)
  }
  layers
}

# The two members of a `.keras` archive that matter, in a folder of their own.
unpack_keras <- function(path, model, call = rlang::caller_env()) {
  members <- utils::unzip(path, list = TRUE)
  # Values of four bytes, twice more for an optimizer; what is much larger was not written by Keras for this model.
  limit <- 2^26 + 100 * plan_model(model)$total
  size <- function(member) c(members$Length[members$Name == member], 0)[[1]]
  if (size("model.weights.h5") > limit || size("config.json") > 2^24) {
    cli::cli_abort("{.file {path}} unpacks to far more than weights of this model.", call = call)
  }
  folder <- tempfile("keras")
  tryCatch(
    utils::unzip(path, intersect(c("model.weights.h5", "config.json"), members$Name), exdir = folder),
    error = identity, warning = identity
  )
  weights <- file.path(folder, "model.weights.h5")
  if (!file.exists(weights) || file.size(weights) != size("model.weights.h5")) {
    unlink(folder, recursive = TRUE)
    cli::cli_abort("{.file {path}} cannot be unpacked: it is cut or damaged.", call = call)
  }
  config <- file.path(folder, "config.json")
  text <- if (file.exists(config)) readChar(config, file.size(config), useBytes = TRUE)
  list(folder = folder, weights = weights, config = if (!is.null(text)) parse_config(text))
}

# read_keras() in a forked process: there are damages that libhdf5 does not survive, nor the process that it is in.
read_keras_apart <- function(content, layers, named, path, call = rlang::caller_env()) {
  reader <- parallel::mcparallel(
    {
      die_alone_cpp()
      read_keras(content$weights, content$config, layers, named)
    },
    mc.set.seed = FALSE, silent = TRUE
  )
  # Nothing is left of it after Ctrl-C, nor does anybody wait for it.
  on.exit(tools::pskill(reader$pid, tools::SIGKILL))
  read <- suppressWarnings(parallel::mccollect(reader))[[1]]
  on.exit()
  if (is.null(read)) {
    cli::cli_abort("{.file {path}} is damaged: the process that was to read it ended.", call = call)
  }
  if (is.character(read)) cli::cli_abort("{.file {path}}: {read}.", call = call)
  read
}

# What match_layers() gives, and `layers`, the values of each; or a string that says what is wrong.
read_keras <- function(path, config, layers, named) {
  tryCatch(
    {
      file <- open_h5(path)
      on.exit(file$close_all())
      found <- match_layers(stored_layers(file, config), layers, named)
      values <- Map(read_layer, found$stored, layers)
      # The file's arrays are none outside this process; which there are is what is asked.
      found$stored <- lapply(found$stored, function(of) {
        of$arrays[] <- list(TRUE)
        of
      })
      c(found, list(layers = values))
    },
    error = function(e) sub("\n.*$", "", conditionMessage(e))
  )
}

# One layer's arrays, their number and shapes checked before anything is read. What layers can be made
# without (biases, say) is what leaving it out means.
read_layer <- function(stored, layer) {
  where <- place_of(layer$name, stored$name)
  roles <- short_name(names(layer$shapes))
  surplus <- setdiff(names(stored$arrays), roles)
  if (length(surplus) > 0) {
    stop(where, "has ", length(stored$arrays), " arrays in the file, ", length(roles), " in the model: '",
         surplus[[1]], "' is not in the model", call. = FALSE)
  }
  values <- Map(function(role, shape) {
    array <- stored$arrays[[role]]
    if (!is.null(array)) return(read_half(array, shape, paste0(where, role), stored$half))
    if (!role %in% names(left_out)) stop(where, role, " is missing in the file", call. = FALSE)
    array(left_out[[role]], shape)
  }, roles, layer$shapes)
  stats::setNames(values, names(layer$shapes))
}

# What Keras' layers have in place of an array that they were made without.
left_out <- c(bias = 0, gamma = 1, beta = 0)

# An array, or the first or second half of its columns.
read_half <- function(dataset, shape, where, half = NULL) {
  if (is.null(half)) return(read_numbers(dataset, shape, where))
  n <- shape[[length(shape)]]
  whole <- read_numbers(dataset, c(shape[-length(shape)], 2 * n), where)
  columns <- seq_len(n) + (half - 1) * n
  if (length(shape) == 1) whole[columns] else whole[, columns, drop = FALSE]
}
