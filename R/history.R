# The history of a fit: a data frame with a row an epoch.

# The engine's columns as a data frame without those that have nothing to say. The learning rate stays in
# it for callbacks; a fit's own history has it only when it changed.
full_history <- function(columns, model) {
  history <- as.data.frame(columns)
  history$epoch <- as.integer(history$epoch)
  if (is.null(model$regularizer)) history$regularization <- NULL
  if (all(is_absent(history$val_loss))) {
    history[c("val_loss", "val_reconstruction", "val_kl")] <- NULL
  }
  history
}

# NA, which stands where nothing was measured. NaN was measured.
is_absent <- function(x) is.na(x) & !is.nan(x)

# The history of a fit that is trained further, in full.
history_with_rate <- function(fit) {
  history <- fit$history
  if (NROW(history) > 0 && is.null(history$learning_rate)) {
    history$learning_rate <- as.double(fit$recipe$optimizer$learning_rate %||% NA)
  }
  history
}

drop_constant_rate <- function(history) {
  if (length(unique(history$learning_rate)) <= 1) history$learning_rate <- NULL
  history
}

# Rows of two fits, whose columns may differ (one validated, the other not).
rbind_history <- function(before, after) {
  if (is.null(before)) {
    return(after)
  }
  for (name in setdiff(names(after), names(before))) before[[name]] <- rep(NA_real_, nrow(before))
  for (name in setdiff(names(before), names(after))) after[[name]] <- rep(NA_real_, nrow(after))
  all <- rbind(before, after[names(before)])
  all[c(setdiff(names(all), "seconds"), "seconds")]
}
