# Reading HDF5 through package hdf5r from files that nobody vouches for: an object's kind, type, shape and
# place are looked at before it is read, since a type that hdf5r does not know ends the R process. What cannot be
# looked at is why import_keras() reads in a process of its own.
# Tests: tests/testthat/test-hdf5.R.

open_h5 <- function(path) {
  tryCatch(
    hdf5r::H5File$new(path, mode = "r"),
    error = function(e) stop("it cannot be read: it is cut, or no HDF5 file", call. = FALSE)
  )
}

# What stands at a path within a group, in this file and no other.
child <- function(group, path) {
  found <- tryCatch(group[[path]], error = function(e) NULL)
  if (is.null(found)) stop("'", path, "' is missing", call. = FALSE)
  if (found$get_filename() != group$get_filename()) {
    stop("'", path, "' stands in another file, which is not read", call. = FALSE)
  }
  found
}

# The sizes of an array in C's order, which hdf5r shows reversed; none for a single value, NULL for no array.
shape_of <- function(dataset) if (inherits(dataset, "H5D")) rev(as.numeric(dataset$dims))

# True when an object has an attribute `name`, or its parts `name0`, `name1`, ...: Keras cuts long ones.
has_strings <- function(object, name) object$attr_exists(name) || object$attr_exists(paste0(name, "0"))

read_strings <- function(object, name) {
  if (object$attr_exists(name)) {
    return(read_string_attribute(object, name))
  }
  values <- character()
  k <- 0
  while (object$attr_exists(paste0(name, k))) {
    values <- c(values, read_string_attribute(object, paste0(name, k)))
    k <- k + 1
  }
  if (k == 0) stop("the attribute '", name, "' of ", object$get_obj_name(), " is missing", call. = FALSE)
  values
}

read_string_attribute <- function(object, name) {
  attribute <- object$attr_open(name)
  # hdf5r cannot read an empty attribute, which is what layers without weights have.
  if (as.numeric(attribute$get_storage_size()) == 0) {
    return(character())
  }
  if (as.character(attribute$get_type()$get_class()) != "H5T_STRING") {
    stop("the attribute '", name, "' of ", object$get_obj_name(), " is not text", call. = FALSE)
  }
  as.character(attribute$read())
}

# The values of an array of numbers in R's order. `where` names it in errors.
read_numbers <- function(dataset, shape, where) {
  if (!inherits(dataset, "H5D")) stop(where, " is not an array in the file", call. = FALSE)
  given <- shape_of(dataset)
  if (!identical(given, as.numeric(shape))) {
    stop(where, " is ", size_text(given), " in the file, ", size_text(shape), " in the model", call. = FALSE)
  }
  check_storage(dataset, where)
  type <- dataset$get_type()
  kind <- as.character(type$get_class())
  bfloat16 <- kind == "H5T_OPAQUE" && type$get_size() == 2
  if (!bfloat16 && !kind %in% c("H5T_FLOAT", "H5T_INTEGER")) {
    stop(where, " holds ", type_text(kind, type), ", not numbers", call. = FALSE)
  }
  values <- tryCatch(
    if (bfloat16) read_bfloat16(dataset) else dataset$read_low_level(mem_type = hdf5r::h5types$H5T_NATIVE_DOUBLE),
    error = function(e) stop(where, " cannot be read: the file is damaged", call. = FALSE)
  )
  values <- array(as.double(values), rev(shape))
  if (length(shape) < 2) array(values, shape) else aperm(values, rev(seq_along(shape)))
}

size_text <- function(shape) {
  if (length(shape) == 0) "a single value" else paste(format_number_plain(shape), collapse = " x ")
}

type_text <- function(kind, type) {
  if (kind == "H5T_OPAQUE") {
    return(paste("values of", type$get_size(), "bytes that only their writer knows"))
  }
  known <- c(
    H5T_STRING = "text", H5T_COMPOUND = "records", H5T_ENUM = "an enumeration", H5T_VLEN = "lists",
    H5T_REFERENCE = "references", H5T_ARRAY = "arrays of arrays", H5T_TIME = "times", H5T_BITFIELD = "bits"
  )
  if (kind %in% names(known)) known[[kind]] else kind
}

# An array must have its values in the file itself, in pieces whose unpacking takes no more than memory for
# some arrays of its size.
check_storage <- function(dataset, where) {
  plan <- dataset$get_create_plist()
  layout <- as.character(plan$get_layout())
  if (layout == "H5D_VIRTUAL" || plan$get_external_count() > 0) {
    stop(where, " stands in another file, which is not read", call. = FALSE)
  }
  if (layout == "H5D_CHUNKED") {
    chunk <- prod(as.numeric(plan$get_chunk(length(dataset$dims)))) 
    if (is.na(chunk) || chunk > max(2^20, 16 * prod(dataset$dims))) {
      stop(where, " is kept in pieces of ", count_text(chunk), " values, far more than it holds", call. = FALSE)
    }
  }
}

# bfloat16, the upper half of a float, is a type that HDF5 does not have: Keras writes it as two bytes
# without a meaning.
read_bfloat16 <- function(dataset) {
  n <- prod(dataset$dims)
  from <- file(dataset$get_filename(), "rb")
  on.exit(close(from))
  # Fails for what is not in one piece, which Keras never writes.
  seek(from, as.double(dataset$get_offset()))
  halves <- matrix(readBin(from, "raw", 2 * n), 2)
  if (length(halves) != 2 * n) stop("the file is cut")
  readBin(as.vector(rbind(raw(n), raw(n), halves)), "numeric", n, size = 4, endian = "little")
}
