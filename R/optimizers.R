#' Optimizers
#'
#' How the parameters follow their gradients, each rule as Keras has it. The result goes into
#' `vae_fit(optimizer = )` or into a model's recipe; nothing is computed here.
#'
#' @param learning_rate The step size, a number above 0 and up to 1e6.
#' @param rho How much of the running mean of squared gradients is kept, from 0 to below 1.
#' @param momentum How much of the last step is kept, from 0 to below 1; 0: none.
#' @param beta_1,beta_2 How much of the running means of gradients and of their squares is kept,
#'   from 0 to below 1.
#' @param epsilon Keeps the division finite, a number above 0 and up to 1.
#' @param epsilon_inside RMSprop only. `TRUE`: g / sqrt(mean square + epsilon), Keras since 2.11.
#'   `FALSE`: g / (sqrt(mean square) + epsilon), Keras up to 2.10: early steps of parameters with
#'   tiny gradients are larger.
#' @param weight_decay Adam's decoupled decay: before each step every parameter is multiplied by
#'   `1 - learning_rate * weight_decay`. A number >= 0.
#' @param nesterov `TRUE`: Nesterov's look-ahead instead of plain momentum.
#' @param clipnorm Above this, all gradients are scaled down together so that their joint L2 norm
#'   is this (Keras' `global_clipnorm`). `NULL`: no limit.
#' @param clipvalue Each entry of a gradient is cut to plus or minus this. `NULL`: no limit.
#' @returns An object of class `vae_optimizer`: a list whose first element is `kind`.
#' @examples
#' optimizer_rmsprop(1e-3)
#' optimizer_adam(epsilon = 1e-8, clipnorm = 1)
#' @name optimizers
NULL

#' @rdname optimizers
#' @export
optimizer_rmsprop <- function(learning_rate = 1e-3, rho = .9, momentum = 0, epsilon = 1e-7,
                              epsilon_inside = TRUE, clipnorm = NULL, clipvalue = NULL) {
  rho <- check_share(rho)
  momentum <- check_share(momentum)
  epsilon <- check_number(epsilon, min = 0, max = 1, open_min = TRUE)
  check_flag(epsilon_inside)
  new_optimizer("rmsprop", learning_rate, rho = rho, momentum = momentum, epsilon = epsilon,
                epsilon_inside = epsilon_inside, clipnorm = clipnorm, clipvalue = clipvalue)
}

#' @rdname optimizers
#' @export
optimizer_adam <- function(learning_rate = 1e-3, beta_1 = .9, beta_2 = .999, epsilon = 1e-7,
                           weight_decay = 0, clipnorm = NULL, clipvalue = NULL) {
  beta_1 <- check_share(beta_1)
  beta_2 <- check_share(beta_2)
  epsilon <- check_number(epsilon, min = 0, max = 1, open_min = TRUE)
  weight_decay <- check_number(weight_decay, min = 0, max = 1e6)
  new_optimizer("adam", learning_rate, beta_1 = beta_1, beta_2 = beta_2, epsilon = epsilon,
                weight_decay = weight_decay, clipnorm = clipnorm, clipvalue = clipvalue)
}

#' @rdname optimizers
#' @export
optimizer_adamw <- function(learning_rate = 1e-3, beta_1 = .9, beta_2 = .999, epsilon = 1e-7,
                            weight_decay = 4e-3, clipnorm = NULL, clipvalue = NULL) {
  optimizer_adam(learning_rate, beta_1, beta_2, epsilon, weight_decay, clipnorm, clipvalue)
}

#' @rdname optimizers
#' @export
optimizer_sgd <- function(learning_rate = 1e-2, momentum = 0, nesterov = FALSE, clipnorm = NULL,
                          clipvalue = NULL) {
  momentum <- check_share(momentum)
  check_flag(nesterov)
  new_optimizer("sgd", learning_rate, momentum = momentum, nesterov = nesterov,
                clipnorm = clipnorm, clipvalue = clipvalue)
}

new_optimizer <- function(kind, learning_rate, ..., clipnorm, clipvalue,
                          call = rlang::caller_env()) {
  learning_rate <- check_number(learning_rate, "learning_rate", min = 0, max = most_rate, open_min = TRUE, call = call)
  clipnorm <- check_number(clipnorm, "clipnorm", min = 0, max = 1e30, open_min = TRUE, null = TRUE, call = call)
  clipvalue <- check_number(clipvalue, "clipvalue", min = 0, max = 1e30, open_min = TRUE, null = TRUE, call = call)
  fields <- drop_null(list(kind = kind, learning_rate = learning_rate, ...,
                           clipnorm = clipnorm, clipvalue = clipvalue))
  structure(fields, class = "vae_optimizer")
}

check_share <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  check_number(x, arg, min = 0, max = 1, open_max = TRUE, call = call)
}

# What users may give as `optimizer`: one made above, or a name.
as_optimizer <- function(optimizer, arg = rlang::caller_arg(optimizer),
                         call = rlang::caller_env()) {
  if (inherits(optimizer, "vae_optimizer")) return(optimizer)
  makers <- list(rmsprop = optimizer_rmsprop, adam = optimizer_adam, adamw = optimizer_adamw,
                 sgd = optimizer_sgd)
  makers[[check_choice(optimizer, names(makers), arg, call)]]()
}

#' @export
print.vae_optimizer <- function(x, ...) {
  cat(format_optimizer(x), "\n", sep = "")
  invisible(x)
}

format_optimizer <- function(x) {
  args <- vapply(unclass(x)[-1], format, "", digits = 7)
  paste0(x$kind, "(", paste(names(args), "=", args, collapse = ", "), ")")
}
