#' @rdname export_keras
#' @export
import_keras <- function(path, model) {
  path <- check_h5_path(path, exists = TRUE)
  if (!missing(model) && inherits(model, "vae")) model <- model$model
  check_class(model, "vae_model", made_by = "?vae_model")
  file <- open_h5(path)
  on.exit(file$close_all())
  call <- rlang::current_env()
  weights <- tryCatch(
    match_weights(if (is_legacy(file)) read_legacy(file) else read_keras3(file), keras_layers(model)),
    error = function(e) {
      text <- sub("\n.*$", "", conditionMessage(e))
      cli::cli_abort("{.file {path}}: {text}.", call = call)
    }
  )
  new_vae(
    model = model, weights = pack_weights(model, weights), history = NULL, seed = NULL, device = "cpu",
    precision = "float32", threads = NULL, n = NULL, batch_size = as.integer(model$recipe$batch_size),
    interrupted = FALSE
  )
}

open_h5 <- function(path, call = rlang::caller_env()) {
  tryCatch(
    hdf5r::H5File$new(path, mode = "r"),
    error = function(e) {
      cli::cli_abort("{.file {path}} cannot be read: it is cut, or no HDF5 file.", call = call)
    }
  )
}

# ---- what a file holds: a list of layers, each list(name, class, arrays = named list of datasets)

is_legacy <- function(file) file$attr_exists("layer_names") || file$exists("model_weights")

read_legacy <- function(file) {
  root <- if (file$exists("model_weights")) file[["model_weights"]] else file
  layers <- list()
  for (name in read_strings(root, "layer_names")) {
    paths <- read_strings(child(root, name), "weight_names")
    arrays <- lapply(paths, function(path) child(root, paste0(name, "/", path)))
    # A nested model keeps the weights of all its layers in one group, trainable ones first.
    owner <- sub("/[^/]*$", "", paths)
    for (one in unique(owner)) {
      mine <- owner == one
      layers <- c(layers, list(list(name = basename(one), class = NULL,
                                    arrays = stats::setNames(arrays[mine], short_name(paths[mine])))))
    }
  }
  layers
}

read_keras3 <- function(file) {
  groups <- keras3_groups(file)
  if (length(groups) == 0) stop("it holds no weights of Keras, in either layout", call. = FALSE)
  lapply(groups, function(path) {
    vars <- child(file, paste0(path, "/vars"))
    numbers <- sort(as.integer(grep("^[0-9]+$", names(vars), value = TRUE)))
    list(
      name = if (vars$attr_exists("name")) read_string_attribute(vars, "name") else basename(path),
      class = sub("_[0-9]+$", "", basename(path)),
      arrays = lapply(numbers, function(k) child(vars, as.character(k)))
    )
  })
}

# Paths of the groups under any "layers" whose "vars" are not empty, in the order of the model:
# within a class by number, and what is in an encoder before what is in a decoder.
keras3_groups <- function(group, path = "", depth = 0) {
  if (depth > 20) stop("its groups are nested too deeply", call. = FALSE)
  members <- natural_order(setdiff(names(group), c("optimizer", "vars")))
  members <- members[order(grepl("decoder", members))]
  found <- character()
  for (name in members) {
    inner <- child(group, name)
    if (!inherits(inner, "H5Group")) next
    here <- paste0(path, name)
    if (basename(path) == "layers" && "vars" %in% names(inner) && length(names(child(inner, "vars"))) > 0) {
      found <- c(found, here)
    } else {
      found <- c(found, keras3_groups(inner, paste0(here, "/"), depth + 1))
    }
  }
  found
}

# dense, dense_1, dense_2, dense_10
natural_order <- function(names) {
  number <- suppressWarnings(as.integer(sub("^.*_([0-9]+)$", "\\1", names)))
  number[is.na(number) | !grepl("_[0-9]+$", names)] <- 0L
  names[order(sub("_[0-9]+$", "", names), number)]
}

child <- function(group, path) {
  found <- tryCatch(group[[path]], error = function(e) NULL)
  if (is.null(found)) stop("'", path, "' is missing", call. = FALSE)
  found
}

# A string attribute, which Keras cuts into name0, name1, ... where it is long.
read_strings <- function(object, name) {
  if (object$attr_exists(name)) return(read_string_attribute(object, name))
  values <- character()
  k <- 0
  while (object$attr_exists(paste0(name, k))) {
    values <- c(values, read_string_attribute(object, paste0(name, k)))
    k <- k + 1
  }
  if (k == 0) stop("the attribute '", name, "' of ", object$get_obj_name(), " is missing", call. = FALSE)
  values
}

# hdf5r cannot read an empty attribute, which is what layers without weights have.
read_string_attribute <- function(object, name) {
  attribute <- object$attr_open(name)
  if (identical(as.numeric(attribute$get_space()$dims), 0)) character() else as.character(attribute$read())
}

# ---- the file's layers against the model's

# Arrays named as the model's parameters. Errors name the first layer that does not fit.
match_weights <- function(stored, layers) {
  if (length(stored) == 0) stop("it holds no weights", call. = FALSE)
  names <- vapply(layers, `[[`, "", "name")
  stored_names <- vapply(stored, `[[`, "", "name")
  if (!anyDuplicated(stored_names) && setequal(names, stored_names)) {
    stored <- stored[match(names, stored_names)]
  } else if (!is.null(stored[[1]]$class)) {
    stored <- in_order_of_classes(stored, layers)
  }
  weights <- list()
  for (i in seq_len(min(length(layers), length(stored)))) {
    weights <- c(weights, read_layer(stored[[i]], layers[[i]]))
  }
  missing <- names[-seq_along(stored)]
  if (length(missing) > 0) {
    stop("the file has ", length(stored), " layers with weights, the model ", length(layers), ": '",
         missing[1], "' is missing", call. = FALSE)
  }
  if (length(stored) > length(layers)) {
    stop("the file has ", length(stored), " layers with weights, the model ", length(layers), ": '",
         stored_names[length(layers) + 1], "' is not in the model", call. = FALSE)
  }
  weights
}

# Keras 3 counts layers within their class: the k-th dense layer of the file is the model's k-th.
in_order_of_classes <- function(stored, layers) {
  classes <- vapply(layers, `[[`, "", "class")
  stored_classes <- vapply(stored, `[[`, "", "class")
  for (class in union(classes, stored_classes)) {
    ours <- which(classes == class)
    theirs <- which(stored_classes == class)
    if (length(ours) > length(theirs)) {
      stop("the file has ", length(theirs), " layers of the class ", class, ", the model ", length(ours),
           ": '", layers[[ours[length(theirs) + 1]]]$name, "' is missing", call. = FALSE)
    }
    if (length(ours) < length(theirs)) {
      stop("the file has ", length(theirs), " layers of the class ", class, ", the model ", length(ours),
           ": '", stored[[theirs[length(ours) + 1]]]$name, "' is not in the model", call. = FALSE)
    }
  }
  stored[order(stored_classes)][order(order(classes))]
}

# One layer's arrays, their number and shapes checked before anything is read.
read_layer <- function(stored, layer) {
  where <- paste0("layer '", layer$name, "'",
                  if (stored$name != layer$name) paste0(" ('", stored$name, "' in the file)"), ": ")
  ours <- short_name(names(layer$shapes))
  if (length(stored$arrays) != length(ours)) {
    stop(where, "has ", length(stored$arrays), " arrays in the file, ", length(ours), " in the model",
         call. = FALSE)
  }
  arrays <- stored$arrays
  if (setequal(names(arrays), ours)) arrays <- arrays[ours]
  values <- Map(read_array, arrays, layer$shapes, paste0(where, ours))
  stats::setNames(values, names(layer$shapes))
}

read_array <- function(dataset, shape, where) {
  if (!inherits(dataset, "H5D")) stop(where, " is not an array in the file", call. = FALSE)
  # hdf5r shows C's order of sizes reversed.
  given <- rev(dataset$dims)
  if (!identical(as.numeric(given), as.numeric(shape))) {
    stop(where, " is ", paste(given, collapse = " x "), " in the file, ", paste(shape, collapse = " x "),
         " in the model", call. = FALSE)
  }
  values <- tryCatch(dataset$read(), error = function(e) {
    stop(where, " cannot be read: the file is damaged", call. = FALSE)
  })
  if (!is.numeric(values)) stop(where, " does not hold numbers", call. = FALSE)
  values <- array(as.double(values), rev(shape))
  if (length(shape) < 2) array(values, shape) else aperm(values, rev(seq_along(shape)))
}
