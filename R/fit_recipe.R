# What a fit does: the model's recipe, with what the user gave instead.

# The engine's own limits: of counts (epochs, drawings a batch, a schedule's epochs), and of a learning rate.
most <- 1e9
most_rate <- 1e6

fit_recipe <- function(recipe, epochs, batch_size, kl_start, kl_steep, optimizer, learning_rate,
                       call = rlang::caller_env()) {
  recipe$epochs <- check_count(epochs, max = most, null = TRUE, call = call) %||% recipe$epochs
  recipe$batch_size <- check_count(batch_size, max = most, null = TRUE, call = call) %||% recipe$batch_size
  kl_start <- check_count(kl_start, min = 0, max = most, null = TRUE, call = call)
  kl_steep <- check_steep(kl_steep, null = TRUE, call = call)
  if (!is.null(kl_start) || !is.null(kl_steep)) {
    recipe$kl_start <- kl_start %||% recipe$kl_start %||% 0
    recipe$kl_steep <- kl_steep %||% recipe$kl_steep %||% 1
  }
  if (!is.null(optimizer)) recipe$optimizer <- as_optimizer(optimizer, "optimizer", call)
  as_doubles(set_learning_rate(recipe, learning_rate, call))
}

# Is the model's annealing a preset's own, which nobody gave?
has_preset_annealing <- function(model) {
  preset <- presets()[[model$name %||% ""]]
  schedule <- c("kl_start", "kl_steep", "epochs")
  !is.null(preset) && !is.null(model$recipe$kl_start) && identical(model$recipe[schedule], preset()$recipe[schedule])
}

# The recipe with its annealing, meant for `its` epochs, shortened to `epochs`, where it would end after them.
shorten_annealing <- function(recipe, its, epochs) {
  full <- recipe$kl_start + recipe$kl_steep
  if (length(full) == 0 || full <= epochs) {
    return(recipe)
  }
  share <- epochs / max(its, full)
  recipe$kl_start <- floor(recipe$kl_start * share)
  recipe$kl_steep <- recipe$kl_steep * share
  first <- recipe$kl_start + 1
  cli::cli_inform(c(
    paste(
      "KL annealing is shortened to fit {epochs} epoch{?s}: the KL term, which draws the codes together,",
      "counts from epoch {first} on, and in full from epoch {max(ceiling(recipe$kl_start + recipe$kl_steep), first)} on."
    ),
    i = "The recipe is meant for {its} epochs, with the full term from epoch {ceiling(full)} on. To keep its pace give {.arg kl_start} and {.arg kl_steep}."
  ), class = "sketchvae_annealing")
  recipe
}
