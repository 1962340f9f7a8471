#' Moving pictures: the latent space by epoch, and walks through it
#'
#' `animate_latent()` writes a GIF of the latent space as it changed during training, from codes that
#' `callback_codes()` kept at the end of epochs, or afterwards from the checkpoints that the fit kept. Between epochs the points, and the axes, move in straight lines.
#' `animate_walk()` writes a GIF of what the decoder draws on the way from stop to stop
#' ([latent_interpolate()]) and back.
#'
#' Package magick writes the GIF, or package gifski where only that is installed.
#'
#' @param codes What `callback_codes()` made, after the fit; or a fit of this session's `vae_fit(checkpoint = )`, or that
#'   folder: then each checkpoint encodes the drawings that it was trained on, and their labels colour the points.
#'   `checkpoints(folder, minutes = 0.001, keep = 100)` keeps one after each of the last 100 epochs. Or a list of codes
#'   ([vae_encode()]), one matrix for each moment, with the same drawings in the same order. Its names, epochs say,
#'   stand in the titles.
#' @param file The GIF to write, which ends in `.gif` or has no ending.
#' @param colour What colours the points, as in [plot_latent()].
#' @param dims Which two latent dimensions, whole numbers.
#' @param axes `"moving"`: each moment fills the picture, and the axes' numbers tell how large it is; `"fixed"`: one
#'   scale for all.
#' @param between How many pictures to put between two moments, a whole number from 0.
#' @param fps Pictures a second, a number from 1 to 50.
#' @param outliers Show points that lie far from all others, as in [plot_latent()]?
#' @param width,height Pixels, whole numbers from 100 to 2000.
#' @returns `animate_latent()` and `animate_walk()`: `file`, invisibly. `callback_codes()`: a callback for
#'   [vae_fit()].
#' @section Errors: No codes, or codes of different drawings; neither magick nor gifski installed; a file that cannot
#'   be written.
#' @export
#' @examplesIf rlang::is_installed("magick")
#' x <- simulate_sheep(64, seed = 1)
#' codes <- callback_codes(x)
#' fit <- vae_fit(x, model_sheep(filters = 2, intermediate_dim = 10),
#'   epochs = 4, kl_start = 2, kl_steep = 1, callbacks = codes, seed = 1
#' )
#' file <- tempfile(fileext = ".gif")
#' animate_latent(codes, file, colour = labels(x), between = 1, width = 300, height = 260)
animate_latent <- function(codes, file, colour = NULL, dims = 1:2, axes = c("moving", "fixed"), between = 6,
                           fps = 12, width = 640, height = 540, outliers = FALSE) {
  if (!missing(codes) && (inherits(codes, "vae") || is.character(codes))) {
    moments <- checkpoint_moments(codes)
    codes <- moments$codes
    colour <- colour %||% labels_as_colour(moments$labels)
  }
  codes <- check_moments(codes)
  file <- check_output(file, "gif")
  dims <- check_dimensions(dims, ncol(codes[[1]]), many = 2)
  axes <- check_choice(axes[[1]], c("moving", "fixed"), "axes")
  between <- check_count(between, min = 0, max = 100)
  size <- c(check_count(width, min = 100, max = 2000), check_count(height, min = 100, max = 2000))
  fps <- check_number(fps, min = 1, max = 50)
  check_flag(outliers)
  colour <- check_colour(colour, nrow(codes[[1]]))
  writer <- gif_writer()

  limits <- lapply(codes, function(z) map_limits(z[, dims, drop = FALSE], outliers))
  if (axes == "fixed") {
    all <- do.call(rbind, limits)
    limits[] <- list(apply(all, 2, range))
  }
  # A moment stands still for half a second, the last one for two.
  rest <- function(k) if (k == length(codes)) ceiling(2 * fps) else ceiling(fps / 2)
  frames <- list()
  for (k in seq_along(codes)) {
    shares <- c(rep(0, rest(k)), if (k < length(codes)) seq_len(between) / (between + 1))
    frames <- c(frames, lapply(shares, function(share) c(k, share)))
  }
  blend <- function(of, k, share) if (share == 0) of[[k]] else (1 - share) * of[[k]] + share * of[[k + 1]]
  draw <- function(frame) {
    k <- frame[[1]]
    at <- blend(limits, k, frame[[2]])
    p <- latent_map(blend(codes, k, frame[[2]]), colour, dims, at) +
      ggplot2::labs(title = paste0("Latent space", moment_title(names(codes)[[k]])))
    # Added with +, it would say that it replaces the plot's own.
    p$coordinates <- ggplot2::coord_cartesian(xlim = at[, 1], ylim = at[, 2], expand = FALSE)
    print(p)
  }
  write_frames(frames, draw, writer, file, size, fps)
}

#' @param x The drawings whose codes are kept: anything [as_drawings()] takes; `NULL`: those that are trained on.
#' @param every Epochs between codes that are kept, a whole number from 1; the last epoch's are always kept.
#' @rdname animate_latent
#' @export
callback_codes <- function(x = NULL, every = 1) {
  if (!is.null(x)) x <- to_drawings(x)
  every <- check_count(every)
  kept <- new.env(parent = emptyenv())
  kept$codes <- list()
  structure(list(name = "callback_codes", on_epoch_end = function(state) {
    if (state$epoch %% every == 0 || state$epoch == state$last_epoch) {
      kept$codes[[as.character(state$epoch)]] <- state$encode(x %||% state$x)
    }
  }), kept = kept, class = "sketchvae_codes")
}

#' @param fit A fitted `vae`.
#' @param z The stops of the walk: a matrix with a row a stop (at least two) and a column a latent dimension.
#' @param n How many places to decode on the way, a whole number from 2.
#' @param back Walk back to the first stop?
#' @param scale How many pixels of the picture a pixel of the drawing takes, a whole number from 1 to 40.
#' @rdname animate_latent
#' @export
animate_walk <- function(fit, z, file, n = 60, back = TRUE, fps = 20, scale = 8) {
  check_class(fit, "vae", made_by = "vae_fit()")
  z <- check_matrix(z, cols = fit$model$latent_dim)
  file <- check_output(file, "gif")
  check_flag(back)
  fps <- check_number(fps, min = 1, max = 50)
  scale <- check_count(scale, min = 1, max = 40)
  drawn <- vae_decode(fit, latent_interpolate(z, check_count(n, min = 2)))
  writer <- gif_writer()
  order <- seq_len(dim(drawn)[[1]])
  # The last stop is not shown twice, nor the first, with which the GIF begins again.
  if (back) order <- c(order, rev(order)[-c(1, length(order))])
  draw <- function(k) {
    graphics::par(mar = c(0, 0, 0, 0), xaxs = "i", yaxs = "i")
    graphics::plot.new()
    graphics::rasterImage(1 - drawn[k, , ], 0, 0, 1, 1, interpolate = FALSE)
  }
  write_frames(as.list(order), draw, writer, file, scale * rev(dim(drawn)[2:3]), fps)
}

check_moments <- function(codes, call = rlang::caller_env()) {
  if (!missing(codes) && inherits(codes, "sketchvae_codes")) {
    codes <- attr(codes, "kept")$codes
    if (length(codes) == 0) {
      cli::cli_abort("{.arg codes} holds nothing yet: give it to {.code vae_fit(callbacks = )} first.", call = call)
    }
  }
  if (missing(codes) || !is.list(codes) || is.object(codes) || length(codes) == 0) {
    abort_argument(codes, "codes", paste(
      "what callback_codes() made and vae_fit(callbacks = ) filled, a fit that kept checkpoints, their folder,",
      "or a list of matrices"
    ), call)
  }
  names <- names(codes) %||% rep("", length(codes))
  codes <- lapply(seq_along(codes), function(k) check_matrix(codes[[k]], paste0("codes[[", k, "]]"), call = call))
  sizes <- unique(lapply(codes, dim))
  if (length(sizes) > 1) {
    cli::cli_abort(
      "{.arg codes} must be of the same drawings: there are matrices of {paste(sizes[[1]], collapse = ' x ')} and of {paste(sizes[[2]], collapse = ' x ')}.",
      call = call
    )
  }
  stats::setNames(codes, names)
}

# "3" is an epoch, anything else speaks for itself.
moment_title <- function(name) {
  if (!nzchar(name)) "" else if (grepl("^[0-9]+$", name)) paste(" after epoch", name) else paste0(", ", name)
}

# What writes a GIF of PNG files here: function(files, file, size, fps).
gif_writer <- function(installed = rlang::is_installed, call = rlang::caller_env()) {
  if (installed("magick")) {
    function(files, file, size, fps) {
      magick::image_write(
        magick::image_animate(magick::image_read(files), delay = round(100 / fps), optimize = TRUE), file, format = "gif"
      )
    }
  } else if (installed("gifski")) {
    # Not among the packages that DESCRIPTION names: Debian has it not.
    function(files, file, size, fps) {
      gifski <- getExportedValue("gifski", "gifski")
      gifski(files, file, width = size[[1]], height = size[[2]], delay = 1 / fps, progress = FALSE)
    }
  } else {
    cli::cli_abort(c(
      "Package magick or package gifski is needed to write a GIF, and neither is installed.",
      i = "{.code install.packages(\"magick\")}, or in Debian and Ubuntu {.code apt-get install r-cran-magick}."
    ), call = call)
  }
}

# Draws each frame into a PNG file, equal neighbours once, and has them written as one GIF.
write_frames <- function(frames, draw, writer, file, size, fps, call = rlang::caller_env()) {
  folder <- tempfile("frames-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  files <- character(length(frames))
  progress <- progress_callback("Drawing pictures")
  for (k in seq_along(frames)) {
    if (!is.null(progress)) progress(k, length(frames))
    if (k > 1 && identical(frames[[k]], frames[[k - 1]])) {
      files[[k]] <- files[[k - 1]]
      next
    }
    files[[k]] <- file.path(folder, sprintf("%05d.png", k))
    grDevices::png(files[[k]], size[[1]], size[[2]], res = if (size[[1]] >= 400) 96 else 60,
      type = if (capabilities("cairo")) "cairo" else getOption("bitmapType"))
    tryCatch(draw(frames[[k]]), finally = grDevices::dev.off())
  }
  # Somewhere that can be written to in any case: what a writer's failure says is not the user's language.
  writer(files, file.path(folder, "all.gif"), size, fps)
  write_whole(file, function(part) file.copy(file.path(folder, "all.gif"), part), call = call)
  invisible(file)
}
