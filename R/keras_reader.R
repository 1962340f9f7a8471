# What a weight file of Keras holds, as a list of layers in its order, each a list of
#   name    what Keras calls the layer; `also`: all it may be called, its place in the file among them
#   group   what the sub-models it stands in are called, outermost first
#   class   Keras' class as Keras 3 spells it in paths ("conv2d_transpose"), NA where nothing says it
#   arrays  datasets by what they are: kernel, bias, gamma, beta, moving_mean, moving_variance; `shapes`: theirs
#   config  what the file says of the layer, in files of whole models
# Only names, attributes and shapes are read here. Tests: tests/testthat/test-import_keras.R.

stored_layers <- function(file, config = NULL) {
  legacy <- has_strings(file, "layer_names") || file$exists("model_weights")
  if (legacy && is.null(config) && file$attr_exists("model_config")) {
    config <- parse_config(read_strings(file, "model_config"))
  }
  # A configuration that makes no sense is as good as none.
  about <- tryCatch(config_layers(config), error = function(e) list())
  layers <- if (legacy) legacy_layers(file, about) else keras3_layers(file, about)
  # Metrics and counters are single values.
  layers <- Filter(function(layer) any(lengths(layer$shapes) > 0), layers)
  if (length(layers) == 0) stop("it holds no weights of Keras, in either layout", call. = FALSE)
  layers[order(vapply(layers, part_of, 1))]
}

# 1 for what stands in an encoder, 3 in a decoder, 2 where no name tells.
part_of <- function(layer) {
  words <- tolower(gsub("([a-z])([A-Z])", "\\1 \\2", layer$group))
  parts <- ifelse(grepl("(^|[^a-z])(dec|gener)", words), 3, ifelse(grepl("(^|[^a-z])(enc|infer|recogn)", words), 1, 2))
  c(parts[parts != 2], 2)[[1]]
}

# ---- the legacy layout: attributes name layers and their arrays, in the order of the model

legacy_layers <- function(file, about) {
  root <- if (file$exists("model_weights")) child(file, "model_weights") else file
  layers <- list()
  for (top in read_strings(root, "layer_names")) {
    paths <- read_strings(child(root, top), "weight_names")
    arrays <- lapply(paths, function(path) child(root, paste0(top, "/", path)))
    names(arrays) <- unnumbered(short_name(paths))
    shapes <- lapply(arrays, shape_of)
    # A nested model keeps the arrays of all its layers in one group.
    owner <- dirname(paths)
    for (one in unique(owner)) {
      flat <- all(owner == one) && basename(one) %in% c(".", top, paste0(top, "_", 1:9))
      name <- if (flat) top else basename(one)
      layers <- c(layers, list(list(
        name = name, also = c(name, paste0(top, "/", one)), group = if (!flat) top,
        class = class_of_name(name), arrays = arrays[owner == one], shapes = shapes[owner == one]
      )))
    }
  }
  # Within a nested model Keras lists last what is not trained; the configuration keeps the order.
  known <- match(vapply(layers, `[[`, "", "name"), vapply(about, `[[`, "", "name"))
  if (length(layers) == 0 || anyNA(known) || anyDuplicated(known)) {
    return(layers)
  }
  layers <- Map(function(layer, of) utils::modifyList(layer, of[c("class", "config")]), layers, about[known])
  layers[order(known)]
}

# ---- Keras 3's layout: every group that has a group "vars" with arrays in it

keras3_layers <- function(file, about) {
  seen <- character()
  walk <- function(group, path, groups) {
    # Links can make circles; HDF5 from 1.12 on need not tell an object's address.
    id <- format(group$obj_info()$addr %||% path)
    if (id %in% seen) {
      return(list())
    }
    if (length(seen) > 5000 || length(groups) > 20) stop("its groups are too many", call. = FALSE)
    seen <<- c(seen, id)
    vars <- if (path != "" && "vars" %in% names(group)) child(group, "vars")
    if (!inherits(vars, "H5Group")) vars <- NULL
    of <- c(Filter(function(of) of$place == path, about), list(NULL))[[1]]
    name <- of$name %||% basename(path)
    if (!is.null(vars) && has_strings(vars, "name")) name <- read_strings(vars, "name")[[1]]
    in_list <- basename(dirname(path)) == "layers"
    is_list <- basename(path) == "layers"
    own <- if (path != "" && !is_list) paste(name, if (!in_list) basename(path))
    number <- sort(suppressWarnings(as.integer(names(vars))))
    found <- if (length(number) > 0) {
      class <- of$class %||% (if (in_list) unnumbered(basename(path)) else class_of_name(c(name, basename(path))))
      arrays <- lapply(number, function(k) child(vars, as.character(k)))
      shapes <- lapply(arrays, shape_of)
      names(arrays) <- names(shapes) <- name_arrays(shapes, class, of$config)
      list(list(
        name = name, also = unique(c(name, if (!in_list) basename(path), path)), class = class,
        # A layer that is an attribute of the model itself is a sub-model by its own.
        group = if (length(groups) == 0 && !in_list) own else groups,
        arrays = arrays, shapes = shapes, config = of$config
      ))
    }
    inner <- grep("^(optimizer|vars|seed_generator.*)$", names(group), value = TRUE, invert = TRUE)
    inner <- Filter(function(object) inherits(object, "H5Group"), lapply(stats::setNames(nm = inner), child, group = group))
    below <- Map(function(group, member) walk(group, sub("^/", "", paste0(path, "/", member)), c(groups, own)), inner, names(inner))
    # Paths in a list of layers count them in the order of the model; elsewhere names count them as they were made.
    sorted <- if (is_list) names(below) else vapply(names(below), function(member) c(below[[member]], list(list(name = member)))[[1]]$name, "")
    c(found, do.call(c, unname(below[natural_order(sorted)])))
  }
  walk(file, "", character())
}

# dense, dense_1, dense_2, dense_10
natural_order <- function(names) {
  number <- ifelse(grepl("_[0-9]+$", names), sub("^.*_", "", names), "0")
  order(unnumbered(names), as.numeric(number))
}

unnumbered <- function(names) sub("_[0-9]+$", "", names)

# Keras 3 numbers a layer's arrays: kernel, bias; or gamma, beta, mean, variance, of which it leaves out the
# first, the second or both.
name_arrays <- function(shapes, class, config) {
  n <- length(shapes)
  roles <- if (length(shapes[[1]]) > 1) {
    c("kernel", "bias")
  } else if (identical(class, "batch_normalization") || n == 4) {
    first <- c("gamma", "beta")[c(!isFALSE(config$scale), !isFALSE(config$center))]
    if (n == 2) first <- character()
    if (n == 3 && length(first) != 1) first <- "gamma or beta"
    c(first, "moving_mean", "moving_variance")
  }
  c(roles, paste("array", seq_len(n) - 1)[seq_len(n) > length(roles)])[seq_len(n)]
}

# ---- what the configuration of a whole model says

parse_config <- function(text) tryCatch(json_to_list_cpp(text, own = TRUE), error = function(e) NULL)

# The layers in the order of the model, sub-models among them: name, class, place in Keras 3's layout, config.
config_layers <- function(model, at = "") {
  layers <- model$config
  # The first versions have a list of layers there.
  if (!is.null(names(layers))) layers <- layers$layers
  if (!is.list(layers) || length(layers) == 0) {
    return(list())
  }
  class <- vapply(layers, function(layer) snake_case(layer$class_name), "")
  place <- paste0(at, "layers/", number_within(class))
  found <- Map(function(layer, class, place) {
    one <- list(name = as.character(layer$config$name %||% layer$name), class = class, place = place, config = layer$config)
    c(list(one), config_layers(layer, paste0(place, "/")))
  }, layers, class, place)
  do.call(c, unname(found))
}

# As Keras 3 makes paths of classes: "Conv2DTranspose" becomes "conv2d_transpose".
snake_case <- function(class) {
  class <- gsub("(.)([A-Z][a-z]+)", "\\1_\\2", gsub("\\W", "", class))
  tolower(gsub("([a-z])([A-Z])", "\\1_\\2", class))
}

# The class that a layer without a name of its own is called after, NA for others.
class_of_name <- function(names) {
  class <- sub("^conv_2d", "conv2d", sub("^batch_norm$", "batch_normalization", unnumbered(names)))
  c(class[class %in% c("dense", "conv2d", "conv2d_transpose", "batch_normalization")], NA)[[1]]
}
