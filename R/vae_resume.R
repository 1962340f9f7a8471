#' Checkpoints, and going on from them
#'
#' With `checkpoint = "folder"`, [vae_fit()] writes everything a fit is (parameters, optimizer state,
#' counters, sums and history) to that folder after every epoch and every few minutes, under a temporary
#' name, synced and renamed. The same call again, in a new process too, goes on from the newest checkpoint
#' and ends with weights and history (but for `seconds`) that are bit for bit those of a fit that was never
#' disturbed. A finished fit is returned at once; `epochs` may have grown. Where there are checkpoints, other
#' drawings, another model, another device or other arguments that change the result are an error that says
#' what differs, and so is a folder that a running fit uses: it is locked until that fit's process ends, in
#' whatever way. A damaged checkpoint is passed over with a warning, in favour of the one before it, and is the
#' first to be removed. A fit that ended before its first checkpoint leaves the folder to the next one.
#'
#' @param folder A folder; made when it does not exist. It also keeps the drawings and the arguments of the
#'   fit, so that `vae_resume(folder)` needs nothing else.
#' @param minutes Minutes between checkpoints within an epoch, a number above 0.
#' @param keep How many good checkpoints to keep, a whole number from 1.
#' @returns `checkpoints()`: settings for `vae_fit(checkpoint = )`. `vae_resume()`: the `vae`.
#' @export
#' @examples
#' x <- simulate_sheep(64, seed = 1)
#' folder <- tempfile()
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 2, seed = 1, checkpoint = folder)
#' more <- vae_resume(folder, epochs = 3)
#' nrow(more$history)
checkpoints <- function(folder, minutes = 10, keep = 2) {
  list(
    folder = absolute_path(check_path(folder)), minutes = check_number(minutes, min = 0, open_min = TRUE),
    keep = check_count(keep, max = most)
  )
}

#' @param epochs How many epochs the fit shall have; `NULL`: as many as it was begun with. A fit that was
#'   prolonged since then holds what it has finished.
#' @param callbacks,verbose See [vae_fit()]. Callbacks are not kept in the folder: give them again.
#' @rdname checkpoints
#' @export
vae_resume <- function(folder, epochs = NULL, callbacks = NULL, verbose = interactive()) {
  folder <- check_path(folder)
  plan <- read_record(folder)
  if (is.null(plan)) {
    cli::cli_abort("{.arg folder}: there is no fit to resume in {.file {folder}}.")
  }
  begun_with <- plan$options$epochs
  plan$options$epochs <- plan$recipe$epochs <- as.double(check_count(epochs, max = most, null = TRUE) %||% begun_with)
  train(plan, check_callbacks(callbacks), checkpoints(folder), check_flag(verbose), note = function(fit) {
    held <- nrow(fit$history) - NROW(plan$history)
    if (is.null(epochs) && held > begun_with) {
      cli::cli_inform("The fit was begun with {begun_with} epoch{?s} and holds {held}. To train on, give {.arg epochs}.")
    }
  })
}

check_checkpoint <- function(checkpoint, call = rlang::caller_env()) {
  if (is.null(checkpoint) || identical(names(checkpoint), c("folder", "minutes", "keep"))) {
    return(checkpoint)
  }
  checkpoints(check_path(checkpoint, call = call))
}

# The engine's settings, and the folder.
start_checkpoints <- function(checkpoint, plan, call) {
  if (is.null(checkpoint)) {
    return(list())
  }
  dir.create(checkpoint$folder, showWarnings = FALSE, recursive = TRUE)
  c(checkpoint, fingerprint = fingerprint_of(plan))
}

# Everything that changes the result, in named parts: what makes a record and checkpoints those of one fit.
# The number of epochs is not part of it (a fit may be prolonged), nor are the threads or `plan` (a
# checkpoint restores its own). Folders outlive versions of the package: a part that is added later goes into `defaults` as well,
# with the value that does what versions before did.
fingerprint_of <- function(plan) {
  options <- plan$options
  list_to_json_cpp(list(
    model = plan$model[setdiff(names(plan$model), "recipe")],
    options = options[setdiff(names(options), c("epochs", "threads", "plan"))], device = plan$device,
    x = hash_cpp(plan$split$train$pixels), validation = hash_cpp(plan$split$validation$pixels),
    weights = hash_cpp(plan$weights),
    # Where the device was not written, it is taken for this one.
    defaults = list(device = plan$device)
  ), own = TRUE)
}

# Which rules fill in what a call leaves open; a record says by which it was begun. 1: a fraction for validation is the
# last rows, annealing is never shortened. 2: as vae_fit() says.
default_rules <- 2

record_file <- function(folder) file.path(folder, "fit.safetensors")

# The engine has this done when the folder is the fit's alone, and its checkpoints, where there are any
# (`resumed`), are the fit's. A record of another fit is of one that ended before its first checkpoint.
write_record <- function(folder, plan, resumed, call) {
  known <- recorded(folder)
  same <- !is.null(known) && length(fingerprint_differences_cpp(fingerprint_of(plan), fingerprint_of(known))) == 0
  if (same && (resumed || known$options$epochs == plan$options$epochs)) {
    return()
  }
  about <- list(rules = plan$rules %||% default_rules, model = plan$model, recipe = plan$recipe, options = plan$options,
    held_out = I(as.double(plan$split$held_out)), history = lapply(plan$history, I), device = plan$device,
    labels = lapply(plan$split[c("train", "validation")], function(x) label_kinds(x$labels)))
  meta <- c(format = "sketchvae plan", format_version = format(vae_file_version), plan = list_to_json_cpp(about, own = TRUE))
  split <- plan$split
  blobs <- list(
    x = split$train$pixels, validation = split$validation$pixels, weights = plan$weights,
    labels = label_codes(split$train$labels), validation_labels = label_codes(split$validation$labels)
  )
  run_engine(save_bytes_cpp(blobs, names(meta), unname(meta), record_file(folder)), call = call)
}

# The plan of a folder, or NULL.
read_record <- function(folder, call = rlang::caller_env()) {
  if (!file.exists(record_file(folder))) {
    return(NULL)
  }
  file <- tryCatch(run_engine(load_bytes_cpp(record_file(folder))), sketchvae_engine_error = function(e) {
    cli::cli_abort(c(
      "{.file {record_file(folder)}} is damaged: {conditionMessage(e)}.",
      i = "Call {.fn vae_fit} with the drawings and arguments that the fit was begun with: it goes on from the checkpoints, and writes the file anew."
    ), call = call)
  })
  if (!identical(file$meta$format, "sketchvae plan") || !identical(file$meta$format_version, format(vae_file_version))) {
    cli::cli_abort("{.file {record_file(folder)}} was written by another version of sketchvae.", call = call)
  }
  plan <- json_to_list_cpp(file$meta$plan, own = TRUE)
  size <- as.numeric(unlist(plan$model$input))[1:2]
  drawings <- function(name, codes) {
    about <- plan$labels[[if (name == "x") "train" else name]]
    new_drawings(file$bytes[[name]], restore_labels(file$bytes[[codes]], about), size)
  }
  held_out <- as.integer(unlist(plan$held_out))
  list(
    model = restore_model(plan$model), recipe = restore_recipe(plan$recipe), options = plan$options,
    device = plan$device, rules = plan$rules %||% 1,
    split = c(
      list(train = drawings("x", "labels"), validation = drawings("validation", "validation_labels")),
      if (length(held_out) > 0) list(held_out = held_out)
    ),
    weights = file$bytes$weights, history = restore_history(plan$history)
  )
}

# The plan of a folder, or NULL where there is none that can be read.
recorded <- function(folder) {
  if (!is.null(folder)) tryCatch(read_record(folder), error = function(e) NULL)
}

has_checkpoints <- function(folder) length(list.files(folder, "^checkpoint-.*[.]safetensors$")) > 0

# The kinds of labels that occur, without NA.
kinds_of <- function(labels) {
  if (is.factor(labels)) {
    return(levels(labels))
  }
  c(sort(unique(labels)), if (any(is.nan(labels))) NaN)
}

# Labels as four bytes each, numbers of the kinds that occur (0 for NA), and the kinds themselves with what
# they are in R: doubles as numbers, all else as text.
label_kinds <- function(labels) {
  if (is.null(labels)) {
    return(NULL)
  }
  kinds <- kinds_of(labels)
  list(
    type = if (is.factor(labels)) "factor" else typeof(labels),
    kinds = I(if (is.double(kinds)) kinds else as.character(kinds))
  )
}

label_codes <- function(labels) {
  if (is.null(labels)) {
    return(raw())
  }
  codes <- if (is.factor(labels)) as.integer(labels) else match(labels, kinds_of(labels))
  writeBin(ifelse(is.na(codes), 0L, codes), raw(), endian = "little")
}

restore_labels <- function(bytes, about) {
  if (is.null(about)) {
    return(NULL)
  }
  kinds <- unlist(about$kinds) %||% character()
  codes <- readBin(bytes, "integer", length(bytes) / 4, endian = "little")
  codes[codes == 0] <- NA
  if (about$type == "factor") {
    return(factor(kinds[codes], kinds))
  }
  # Earlier versions kept doubles as text, in the decimal mark of the locale.
  if (about$type == "double" && is.character(kinds)) kinds <- sub(",", ".", kinds, fixed = TRUE)
  if (!about$type %in% c("character", "integer", "double", "logical")) {
    return(NULL)
  }
  storage.mode(kinds) <- about$type
  kinds[codes]
}
