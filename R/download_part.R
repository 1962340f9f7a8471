# What of a download has come. It lies in <path>.part until it is whole; what is known of it stands in a hidden file
# beside it, and once it is whole, what is known of the file in another.

hidden_beside <- function(path, what) file.path(dirname(path), paste0(".", basename(path), ".", what))

# What an earlier session left is gone on with as far as it is known to be what came. `known` holds what the server said
# of the file: url, etag, date, total, md5. `promise` is the length that the file's own header promises.
open_part <- function(path, url) {
  part <- rlang::env(path = path, bytes = 0, promise = NA_real_, known = NULL)
  notes <- hidden_beside(path, "known")
  saved <- 0
  part$save <- function() {
    if (part$bytes > 0 && part$bytes != saved) {
      saved <<- part$bytes
      write_known(c(part$known, list(bytes = saved, hash = hash_file_cpp(path, saved))), notes)
    }
  }
  part$drop <- function() {
    unlink(c(path, notes))
    part$bytes <- saved <<- 0
    part$promise <- NA_real_
    part$known <- NULL
  }
  # A new file, from its first bytes on.
  part$begin <- function(known, bytes, promise) {
    part$drop()
    part$known <- c(list(url = url), known)
    part$promise <- promise
    part$append(bytes)
  }
  part$append <- function(bytes) {
    tryCatch(append_file_cpp(path, bytes), error = function(e) {
      # A full disk needs room for what is known of the part.
      shorter <- part$bytes - 2^16
      if (shorter > 0 && !inherits(try(cut_file_cpp(path, shorter), silent = TRUE), "try-error")) part$bytes <- shorter
      stop(e)
    })
    part$bytes <- part$bytes + length(bytes)
    # A session that is killed loses no more than this.
    if (part$bytes - saved > 2^23) part$save()
  }
  # Of a transfer that went to its end.
  part$verdict <- function() {
    if (is.na(part$promise) || part$bytes < part$promise) {
      return(list(kind = "cut", text = "The connection was closed too early."))
    }
    md5 <- part$known$md5
    if (!is.null(md5) && md5 != md5_base64(path)) {
      return(list(kind = "anew", text = "What arrived is not what the server has: its MD5 is another one."))
    }
    list(kind = "whole")
  }
  part$finish <- function(to, call) {
    if (!file.rename(path, to)) {
      cli::cli_abort("Cannot rename {.file {path}} to {.file {to}}.", call = call)
    }
    write_record_of(to, part$known)
    part$drop()
  }
  known <- read_known(notes)
  have <- if (file.exists(path)) file.size(path) else 0
  # A date tells versions of one address apart, not files of two.
  if (!is.null(known) && have >= known$bytes && (!is.null(known$etag) || identical(known$url, url)) &&
    hash_file_cpp(path, known$bytes) == known$hash) {
    cut_file_cpp(path, known$bytes)
    part$bytes <- saved <- known$bytes
    part$known <- known[setdiff(names(known), c("bytes", "hash"))]
    part$promise <- npy_bytes_cpp(path)
  } else {
    part$drop()
  }
  part
}

md5_base64 <- function(path) {
  hex <- tools::md5sum(path)
  base64(as.raw(strtoi(substring(hex, seq(1, 31, 2), seq(2, 32, 2)), 16)))
}

# A small JSON file, or NULL.
read_known <- function(file) {
  if (!file.exists(file)) {
    return(NULL)
  }
  known <- tryCatch(json_to_list_cpp(readChar(file, file.size(file), useBytes = TRUE)), error = function(e) NULL)
  if (is.list(known) && is.numeric(known$bytes) && is.character(known$hash)) known
}

# A disk that is full costs what is known, hence a download, and nothing else.
write_known <- function(known, file) {
  whole <- paste0(file, Sys.getpid())
  try(silent = TRUE, suppressWarnings({
    writeLines(list_to_json_cpp(known), whole, useBytes = TRUE)
    file.rename(whole, file)
  }))
  unlink(whole)
}

write_record_of <- function(path, known) {
  size <- file.size(path)
  known <- c(known, list(bytes = size, hash = hash_file_cpp(path, size), time = as.double(file.mtime(path))))
  write_known(known, hidden_beside(path, "record"))
}

# Is the file there, and what was downloaded? A file without a record was put there by hand.
cached_as_recorded <- function(path) {
  if (!file.exists(path)) {
    return(FALSE)
  }
  known <- read_known(hidden_beside(path, "record"))
  size <- file.size(path)
  if (is.null(known)) {
    return(identical(tryCatch(npy_bytes_cpp(path), error = function(e) NA), size))
  }
  size == known$bytes &&
    (identical(as.double(file.mtime(path)), known$time) || hash_file_cpp(path, size) == known$hash)
}
