# Putting drawings together.

#' @rdname as_drawings
#' @export
c.drawings <- function(...) {
  parts <- list(...)
  for (k in which(rlang::names2(parts) != "")) {
    if (inherits(parts[[k]], "drawings")) labels(parts[[k]]) <- names(parts)[[k]]
  }
  parts <- unname(parts)
  for (k in seq_along(parts)) {
    check_class(parts[[k]], "drawings", arg = paste0("..", k), made_by = "as_drawings()")
  }
  sizes <- unique(lapply(parts, function(part) part$size))
  if (length(sizes) > 1) {
    cli::cli_abort("Drawings of {paste(sizes[[1]], collapse = ' x ')} and of {paste(sizes[[2]], collapse = ' x ')} cannot be put together.")
  }
  labels <- lapply(parts, function(part) part$labels)
  none <- vapply(labels, is.null, NA)
  if (all(none)) {
    labels <- NULL
  } else {
    labels[none] <- lapply(parts[none], function(part) rep(NA, length(part)))
    factors <- vapply(labels, is.factor, NA)
    if (!all(factors)) {
      labels[factors] <- lapply(labels[factors], as.character)
    }
    labels <- do.call(c, labels)
  }
  new_drawings(do.call(c, lapply(parts, function(part) part$pixels)), labels, sizes[[1]])
}

#' @export
rbind.drawings <- function(..., deparse.level = 1) c(...)
