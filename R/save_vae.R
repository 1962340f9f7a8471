#' Keep a fit in a file
#'
#' One `.safetensors` file: the parameters as tensors that Python's safetensors and torch read too, and
#' model, history, seed and versions as metadata. It is written under a temporary name and renamed, so that
#' a crash leaves the old file or the new one. Nothing of a file is executed when it is loaded, and a wrong
#' or cut file is an error. [saveRDS()] works as well: a fit is a plain list.
#'
#' @param fit A fitted `vae`.
#' @param path The file, which ends in `.safetensors` or has no ending.
#' @returns `save_vae()`: the path, invisibly. `load_vae()`: the `vae`.
#' @export
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 1, seed = 1)
#' path <- tempfile(fileext = ".safetensors")
#' save_vae(fit, path)
#' identical(load_vae(path)$weights, fit$weights)
save_vae <- function(fit, path) {
  check_class(fit, "vae", made_by = "vae_fit()")
  path <- check_ending(check_path(path), "safetensors")
  about <- fit[setdiff(names(fit), c("weights", "history"))]
  # I(): a history of one row stays a column.
  about$history <- lapply(fit$history, I)
  meta <- c(
    format = "sketchvae", format_version = format(vae_file_version),
    vae = list_to_json_cpp(about, own = TRUE),
    sketchvae_version = as.character(utils::packageVersion("sketchvae")),
    libtorch_version = libtorch_versions_cpp()[["loaded"]]
  )
  run_engine(save_weights_cpp(fit$weights, names(meta), unname(meta), path))
  invisible(path)
}

# Files of this and all earlier versions can be read.
vae_file_version <- 1L

#' @rdname save_vae
#' @export
load_vae <- function(path) {
  path <- check_path(path, exists = TRUE)
  kind <- file_kind(path)
  if (kind != "safetensors") abort_file(path, "a file that {.fn save_vae} wrote", kind)
  header <- run_engine(weights_header_cpp(path))
  meta <- header$meta
  if (!identical(meta$format, "sketchvae")) abort_foreign(path, header)
  version <- suppressWarnings(as.integer(meta$format_version))
  if (length(version) != 1 || is.na(version) || version > vae_file_version) {
    cli::cli_abort(
      "{.file {path}} was saved by a newer sketchvae ({meta$sketchvae_version %||% '?'}): update the package to read it."
    )
  }
  call <- rlang::current_env()
  tryCatch(
    restore_vae(json_to_list_cpp(meta$vae %||% "", own = TRUE), function(model) load_weights_cpp(path, model)),
    error = function(e) cli::cli_abort("{.file {path}} holds no fit that can be read: {conditionMessage(e)}", call = call)
  )
}

# `about` is a fit without its weights that went through JSON.
restore_vae <- function(about, load_weights) {
  about$model <- restore_model(about$model)
  history <- restore_history(about$history)
  about$recipe <- restore_recipe(about$recipe)
  for (name in c("threads", "n", "batch_size", "restored_epoch", "held_out")) {
    if (!is.null(about[[name]])) about[[name]] <- as.integer(about[[name]])
  }
  rest <- about[setdiff(names(about), c("model", "history"))]
  do.call(new_vae, c(list(model = about$model, weights = load_weights(about$model), history = history), rest))
}

# A safetensors file of another program.
abort_foreign <- function(path, header, call = rlang::caller_env()) {
  n <- length(header$names)
  some <- paste0("'", utils::head(header$names, 3), "'", collapse = ", ")
  by <- if (identical(header$meta$format, "pt")) ", a PyTorch model's"
  cli::cli_abort(c(
    "{.file {path}} is a safetensors file, but {.fn save_vae} did not write it: it holds {n} tensor{?s}{by}, and no model of sketchvae.",
    i = if (n > 0) "Its tensors: {some}{if (n > 3) ', ...'}",
    i = if (n > 0) "{.fn vae_set_weights} takes such arrays for a fit of the same layers."
  ), call = call)
}

# A history that went through JSON; NULL when there was none.
restore_history <- function(columns) {
  if (length(columns) == 0) {
    return(NULL)
  }
  history <- as.data.frame(lapply(columns, as.double))
  history$epoch <- as.integer(history$epoch)
  history
}

# A model that went through JSON, classes and all.
restore_model <- function(plain) {
  layer <- function(x) {
    # A list, as reshape() makes it: one number stays an array in the wire form.
    if (!is.null(x$target_shape)) x$target_shape <- as.list(x$target_shape)
    structure(x, class = "vae_layer")
  }
  plain$encoder <- lapply(plain$encoder, layer)
  plain$decoder <- lapply(plain$decoder, layer)
  plain$reconstruction <- with_class(plain$reconstruction, "vae_loss")
  plain$kl <- with_class(plain$kl, "vae_kl")
  plain["regularizer"] <- list(with_class(plain$regularizer, "vae_regularizer"))
  plain$recipe <- restore_recipe(plain$recipe)
  structure(plain, class = "vae_model")
}

restore_recipe <- function(plain) {
  if (is.null(plain)) {
    return(NULL)
  }
  plain$optimizer <- with_class(plain$optimizer, "vae_optimizer")
  plain["kl_schedule"] <- list(with_class(plain$kl_schedule, "vae_kl_schedule"))
  if (!is.null(plain$learning_rate_schedule)) class(plain$learning_rate_schedule) <- "vae_lr_schedule"
  plain
}

with_class <- function(x, class) if (is.null(x)) NULL else structure(x, class = class)

# Whole numbers as doubles throughout, which is what JSON gives back: what is read equals what was written.
as_doubles <- function(x) rapply(x, as.double, "integer", how = "replace")
