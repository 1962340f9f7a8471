#' Watch a fit in TensorBoard
#'
#' Writes event files that TensorBoard reads while training runs: `tensorboard --logdir log_dir`. There are
#' two runs, `train` and, with validation, `validation`. Per epoch: `epoch_loss`, `epoch_reconstruction`,
#' `epoch_kl`, `epoch_regularization`, `epoch_kl_weight`, `epoch_learning_rate`, `epoch_seconds`; every
#' `images_every` epochs drawings beside their reconstructions, new drawings from the same codes each time,
#' and the latent scatter. `vae_fit(log_dir = )` is short for this. Each session adds a file of its own, so
#' that a fit that is resumed goes on with the same curves.
#'
#' @param log_dir A folder; made when it does not exist.
#' @param images_every Epochs between images, a whole number from 1, or 0 for none.
#' @returns A callback: see [callbacks]. Nothing is written with R's random numbers.
#' @export
#' @examples
#' x <- simulate_sheep(64, seed = 1)
#' folder <- tempfile()
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 2, seed = 1,
#'   callbacks = callback_tensorboard(folder, images_every = 2))
#' list.files(folder, recursive = TRUE)
callback_tensorboard <- function(log_dir, images_every = 1) {
  log_dir <- absolute_path(check_path(log_dir))
  images_every <- check_count(images_every, min = 0)
  if (images_every > 0 && !capabilities("png")) {
    warn_and_return("This R cannot draw PNG files: {.arg log_dir} gets numbers and no images.", NULL)
    images_every <- 0
  }
  files <- list()
  write <- function(run, step, scalars, images = list()) {
    now <- as.double(Sys.time())
    if (is.null(files[[run]]) || !file.exists(files[[run]])) {
      files[[run]] <<- event_file(file.path(log_dir, run), now)
    }
    append_events_cpp(files[[run]], now, step, scalars, images)
  }
  # A picture that cannot be drawn ends no fit: codes of a model that runs away are no places on a map. Said once.
  said <- FALSE
  complain <- function(what, epoch, error) {
    if (!said) {
      cli::cli_warn("{.arg log_dir}: no picture of {what} after epoch {epoch}: {conditionMessage(error)}")
    }
    said <<- TRUE
  }
  list(name = "callback_tensorboard", check = check_folder(log_dir), on_epoch_end = function(state) {
    last <- state$history[nrow(state$history), ]
    due <- images_every > 0 && (state$epoch %% images_every == 0 || state$epoch == state$last_epoch)
    write("train", state$epoch, train_scalars(last), if (due) epoch_images(state, complain) else list())
    validated <- validation_scalars(last)
    if (length(validated) > 0) write("validation", state$epoch, validated)
  })
}

# A new event file of a run, as TensorBoard names them.
event_file <- function(folder, now) {
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  name <- sprintf("events.out.tfevents.%.0f.%s.%d", now, Sys.info()[["nodename"]], Sys.getpid())
  path <- file.path(folder, name)
  start_events_cpp(path, now)
  path
}

# A row of the history as named numbers, Keras' names.
train_scalars <- function(row) {
  columns <- setdiff(names(row), c("epoch", grep("^val_", names(row), value = TRUE)))
  named_scalars(unlist(row[columns]), columns)
}

validation_scalars <- function(row) {
  columns <- grep("^val_", names(row), value = TRUE)
  named_scalars(unlist(row[columns]), sub("^val_", "", columns))
}

named_scalars <- function(values, names) {
  values <- stats::setNames(as.double(values), paste0("epoch_", names)[seq_along(values)])
  values[!is_absent(values)]
}

epoch_images <- function(state, complain) {
  fit <- state$fit()
  shown <- if (length(state$validation) > 0) state$validation else state$x
  shown <- shown[seq_len(min(32, length(shown)))]
  d <- fit$model$latent_dim
  codes <- with_seed(1, matrix(stats::rnorm(64 * d), 64, d))
  picture <- function(what, draw) tryCatch(draw(), error = function(e) {
    complain(what, state$epoch, e)
    NULL
  })
  drop_null(list(
    reconstructions = picture("reconstructions", function() {
      mosaic_png(interleave(shown, drawings_of(vae_reconstruct(fit, shown))), 8)
    }),
    samples = picture("new drawings", function() mosaic_png(drawings_of(vae_decode(fit, codes)), 8)),
    latent = if (d > 1) picture("the latent space", function() {
      # Some thousand points show the shape; all of them would cost a pass over the data.
      some <- state$x[unique(round(seq(1, length(state$x), length.out = min(5000, length(state$x)))))]
      title <- paste("Latent space after epoch", state$epoch)
      p <- plot_latent(vae_encode(fit, some), colour = labels(some)) + ggplot2::labs(title = title)
      as_png(600, 500, function() print(p), res = 96)
    })
  ))
}

# Each drawing and, right of it, its reconstruction.
interleave <- function(a, b) {
  n <- length(a)
  new_drawings(c(a$pixels, b$pixels), size = a$size)[as.vector(rbind(seq_len(n), n + seq_len(n)))]
}

mosaic_png <- function(x, columns) {
  picture <- as.raster(1 - stitch(x, columns))
  as_png(2 * ncol(picture), 2 * nrow(picture), function() {
    graphics::par(mar = rep(0, 4), xaxs = "i", yaxs = "i")
    graphics::plot.new()
    graphics::rasterImage(picture, 0, 0, 1, 1, interpolate = FALSE)
  })
}

# What draw() draws, as list(png, width, height). The user's own graphics device stays the current one.
as_png <- function(width, height, draw, res = 72) {
  path <- tempfile(fileext = ".png")
  before <- grDevices::dev.cur()
  grDevices::png(path, width, height, res = res)
  on.exit({
    grDevices::dev.off()
    if (before > 1) grDevices::dev.set(before)
    unlink(path)
  })
  draw()
  grDevices::dev.off()
  on.exit({
    if (before > 1) grDevices::dev.set(before)
    unlink(path)
  })
  list(readBin(path, "raw", file.size(path)), width, height)
}
