# Path of a file of real data; skips where there is none (it is not part of the package).
real_data <- function(...) {
  folder <- Sys.getenv("SKETCHVAE_DATA")
  if (!nzchar(folder)) {
    testthat::skip("SKETCHVAE_DATA does not name a folder with real drawings")
  }
  path <- file.path(folder, ...)
  testthat::skip_if_not(file.exists(path), paste("there is a", path))
  path
}

# Drawings whose bytes are all different from their neighbours.
pixels <- function(n) matrix((seq_len(n * 784) * 7) %% 256, n)

# A .npy file of the given header text and bytes; by default the header that NumPy writes.
write_npy <- function(path, values, shape = dim(values), descr = "|u1", fortran = FALSE,
                      size = 1, endian = "little", version = 1, header = NULL) {
  if (is.null(header)) {
    header <- sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s,), }", descr,
      if (fortran) "True" else "False", paste(shape, collapse = ", "))
  }
  to <- file(path, "wb")
  on.exit(close(to))
  writeBin(as.raw(c(0x93, utf8ToInt("NUMPY"), version, 0)), to)
  writeBin(nchar(header) + 1L, to, size = if (version == 1) 2 else 4, endian = "little")
  writeChar(paste0(header, "\n"), to, eos = NULL)
  if (is.raw(values)) {
    writeBin(values, to)
  } else {
    if (!grepl("f", descr)) {
      storage.mode(values) <- "integer"
    }
    writeBin(as.vector(values), to, size = size, endian = endian)
  }
  path
}

# Values of drawings in C order: the last index fastest.
in_c_order <- function(m) as.vector(t(m))

# A path that snapshots can hold: the folder differs from run to run.
without_folders <- function(lines) {
  gsub("[^ '(]*/([^/ ']*[.](npy|csv|png|jpg|gz|idx|txt))", "\\1", lines)
}

# A drawing without symmetry: a ramp along the rows, another down the columns.
ramp <- function(n = 3) {
  a <- array(0, c(n, 28, 28))
  for (i in seq_len(n)) {
    a[i, , ] <- round(outer(1:28, 1:28, function(r, c) 3 * r + c + i)) / 255
  }
  a
}
