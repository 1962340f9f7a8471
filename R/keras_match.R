# Which of a file's layers is which of the model's: by name where names tell, else by shape, and among layers
# of the same kind and shape by their order. `stored` is what stored_layers() gives, `layers` what keras_layers()
# does. Tests: tests/testthat/test-import_keras.R.

# list(stored = the file's layer for each of the model's, unsure = sets of the model's layers, as numbers,
# that only their order told apart).
match_layers <- function(stored, layers, named = character()) {
  stored <- split_heads(stored, layers)
  ours <- vapply(layers, `[[`, "", "name")
  at <- match_named(stored, layers, named)
  at <- ifelse(is.na(at), match_heads(stored, layers, at), at)
  keys <- keys_of(stored, layers)
  unsure <- list()
  # In their order where there are as many on both sides.
  pair <- function(mine, theirs) {
    if (length(mine) != length(theirs)) {
      return()
    }
    at[mine] <<- theirs
    # Names that are counted as ours are say the same as the order.
    counted <- vapply(stored[theirs], function(layer) as_counted(layer$name), "")
    if (length(mine) > 1 && !identical(counted, as_counted(ours[mine]))) unsure <<- c(unsure, list(mine))
  }
  for (single in c(TRUE, FALSE)) {
    parts <- vapply(layers, function(layer) layer$part == "decoder", NA)
    sides <- if (!single) sides_of(stored, parts, at)
    for (key in unique(keys$ours)) {
      mine <- which(keys$ours == key & is.na(at))
      theirs <- setdiff(which(keys$theirs == key), at)
      if (single && length(mine) > 1) next
      # Encoder and decoder apart where the file's sub-models show which is which.
      if (!single && !anyNA(sides[theirs]) && sum(sides[theirs]) == sum(parts[mine])) {
        pair(mine[!parts[mine]], theirs[!sides[theirs]])
        pair(mine[parts[mine]], theirs[sides[theirs]])
      } else {
        pair(mine, theirs)
      }
    }
  }
  if (anyNA(at) || length(at) < length(stored)) abort_unmatched(stored, layers, at, keys)
  list(stored = stored[at], unsure = unsure)
}

# Whether each of the file's layers stands in the decoder: its sub-model's other layers tell, or its name; NA
# where there is none.
sides_of <- function(stored, parts, at) {
  group <- vapply(stored, function(layer) paste(layer$group, collapse = "/"), "")
  vapply(seq_along(stored), function(i) {
    if (group[[i]] == "") {
      return(NA)
    }
    known <- unique(parts[!is.na(at) & group[at] == group[[i]]])
    if (length(known) == 1) known else c(FALSE, NA, TRUE)[[part_of(stored[[i]])]]
  }, NA)
}

# The shape of what tells a layer from others of its kind: its kernel, or its moving mean.
key_shape <- function(layer) {
  shape <- layer$shapes$kernel %||% layer$shapes$moving_mean
  if (!is.null(layer$half)) shape[[2]] <- shape[[2]] / 2
  shape
}

is_head <- function(layers) vapply(layers, `[[`, "", "name") %in% c("z_mean", "z_log_var")

# By what the user says, and by names that are given and not counted.
match_named <- function(stored, layers, named) {
  ours <- vapply(layers, `[[`, "", "name")
  at <- vapply(ours, function(name) {
    if (name %in% names(named)) {
      return(find_named(stored, named[[name]]))
    }
    found <- with_name(stored, name)
    if (length(found) == 1 && is.na(class_of_name(name))) found else NA_integer_
  }, 1L, USE.NAMES = FALSE)
  # What the user says of a layer goes before its name.
  said <- ours %in% names(named)
  at[!said & at %in% at[said]] <- NA
  if (anyDuplicated(at[said])) stop("two layers of the model are to be one of the file", call. = FALSE)
  for (i in which(!is.na(at))) {
    given <- key_shape(stored[[at[[i]]]])
    if (!identical(given, as.numeric(layers[[i]]$shapes[[1]]))) abort_shape(layers[[i]], stored[[at[[i]]]]$name, size_text(given))
  }
  at
}

# The numbers of the layers that are called so, or else may be.
with_name <- function(stored, name) {
  found <- which(vapply(stored, `[[`, "", "name") == name)
  if (length(found) > 0) found else which(vapply(stored, function(layer) name %in% layer$also, NA))
}

find_named <- function(stored, name) {
  found <- with_name(stored, name)
  if (length(found) == 1) {
    return(found)
  }
  stop(
    if (length(found) == 0) "it has no layer '" else "it has several layers '", name, "'; its layers are ",
    paste0("'", stored_names(stored), "'", collapse = ", "), call. = FALSE
  )
}

# Names that tell a file's layers apart.
stored_names <- function(stored) {
  names <- vapply(stored, `[[`, "", "name")
  twice <- names %in% names[duplicated(names)]
  names[twice] <- vapply(stored[twice], function(layer) layer$also[[length(layer$also)]], "")
  names
}

# Heads by what people call them: mu and sigma, mean and logvar.
match_heads <- function(stored, layers, at) {
  free <- setdiff(seq_along(stored), at)
  head <- match(c("z_mean", "z_log_var"), vapply(layers, `[[`, "", "name"))
  shape <- as.numeric(layers[[head[[1]]]]$shapes[[1]])
  fits <- free[vapply(stored[free], function(layer) identical(key_shape(layer), shape), NA)]
  called <- vapply(stored[fits], function(layer) head_of_name(layer$also), "")
  found <- rep(NA_integer_, length(layers))
  for (k in 1:2) {
    one <- fits[called == c("mean", "spread")[[k]]]
    if (length(one) == 1) found[[head[[k]]]] <- one
  }
  found
}

head_of_name <- function(names) {
  words <- unlist(strsplit(tolower(gsub("([a-z])([A-Z])", "\\1_\\2", names)), "[^a-z]+"))
  mean <- any(grepl("^(z|latent|code)?(mean|mu|loc)s?$", words))
  spread <- any(grepl("^(z|latent|code)?(log)?(var|vars|variance|sigma|std|stddev|sd|scale)$", words))
  if (mean && !spread) "mean" else if (spread && !mean) "spread" else ""
}

# One dense layer of twice the latent dimensions, cut in two after it, is both heads: the mean first.
split_heads <- function(stored, layers) {
  shape <- as.numeric(layers[[which(is_head(layers))[[1]]]]$shapes[[1]])
  theirs <- function(columns) which(vapply(stored, function(of) identical(key_shape(of), c(shape[[1]], columns)), NA))
  ours <- function(columns) sum(vapply(layers, function(of) identical(as.numeric(of$shapes[[1]]), c(shape[[1]], columns)), NA))
  both <- theirs(2 * shape[[2]])
  if (length(both) != ours(2 * shape[[2]]) + 1 || length(theirs(shape[[2]])) != ours(shape[[2]]) - 2) {
    return(stored)
  }
  # The last of the encoder: after it the decoder begins, or the sub-model ends.
  group <- vapply(stored, function(layer) paste(layer$group, collapse = "/"), "")
  ends <- vapply(both, function(i) {
    i == length(stored) || group[[i]] != group[[i + 1]] || key_shape(stored[[i + 1]])[[1]] == shape[[2]]
  }, NA)
  if (!any(ends)) {
    return(stored)
  }
  one <- max(both[ends])
  halves <- lapply(1:2, function(half) {
    utils::modifyList(stored[[one]], list(also = c("z_mean", "z_log_var")[[half]], half = half))
  })
  append(stored[-one], halves, one - 1)
}

# What a layer must have in common with another one to stand for it: its kind and its kernel's shape.
keys_of <- function(stored, layers) {
  theirs <- vapply(stored, function(layer) as.character(layer$class), "")
  kernel <- lapply(stored, key_shape)
  theirs[is.na(theirs) & lengths(kernel) == 2] <- "dense"
  # The two convolutions are told apart only where the file does so for all.
  some <- lengths(kernel) == 4
  unknown <- any(is.na(theirs[some]))
  if (unknown) theirs[some] <- "convolution"
  theirs[is.na(theirs) & vapply(stored, function(layer) "moving_mean" %in% names(layer$arrays), NA)] <- "batch_normalization"
  theirs[is.na(theirs)] <- "unknown"
  key <- function(class, shape) paste(class, paste(shape, collapse = " x "))
  list(
    theirs = mapply(key, theirs, kernel, USE.NAMES = FALSE),
    ours = vapply(layers, function(layer) {
      key(if (unknown && length(layer$shapes[[1]]) == 4) "convolution" else layer$class, layer$shapes[[1]])
    }, "")
  )
}

# A name as Keras would count it: "conv_2d_1" is "conv2d_1".
as_counted <- function(name) sub("^conv_2d", "conv2d", sub("^batch_norm(_|$)", "batch_normalization\\1", name))

# Names the first of the model's layers that has no counterpart, or of the file's that is left over.
abort_unmatched <- function(stored, layers, at, keys) {
  names <- stored_names(stored)
  mine <- which(is.na(at))
  left <- setdiff(seq_along(stored), at)
  if (length(mine) == 0) {
    stop("the file has ", length(stored), " layers with weights, the model ", length(layers), ": '", names[left[[1]]],
         "' is not in the model", call. = FALSE)
  }
  kind <- function(key) sub(" .*", "", key)
  shape <- function(key) sub("^\\S+ ", "", key)
  class <- kind(keys$ours[[mine[[1]]]])
  mine <- mine[kind(keys$ours[mine]) == class]
  left <- left[kind(keys$theirs[left]) == class]
  first <- mine[[1]]
  if (length(mine) == length(left)) {
    abort_shape(layers[[first]], names[[left[[1]]]], shape(keys$theirs[[left[[1]]]]))
  }
  stop("the file has ", sum(kind(keys$theirs) == class), " layers of the class ", class, ", the model ",
       sum(kind(keys$ours) == class), ": for '", layers[[first]]$name, "' (", shape(keys$ours[[first]]), ") there is ",
       if (length(left) == 0) "none" else paste0("only '", names[left], "' (", shape(keys$theirs[left]), ")", collapse = ", "),
       call. = FALSE)
}

abort_shape <- function(layer, theirs, given) {
  stop(place_of(layer$name, theirs), short_name(names(layer$shapes))[[1]], " is ", given, " in the file, ",
       size_text(layer$shapes[[1]]), " in the model", call. = FALSE)
}

# How errors begin that are about a layer.
place_of <- function(ours, theirs) {
  paste0("layer '", ours, "'", if (theirs != ours) paste0(" ('", theirs, "' in the file)"), ": ")
}
