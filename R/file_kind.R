# What a file is, told by its bytes and not by its name, and which function reads it: the one place that
# knows, for every function that may be given the wrong file. Nothing of a file is executed.

# A row a kind: what errors call it ("<file> is ..."), and what to do with it (NULL: nothing to be said).
file_kinds <- list(
  safetensors = list("a safetensors file", "{.fn load_vae} reads those that {.fn save_vae} wrote."),
  rds = list("an R object that {.fn saveRDS} wrote", "{.fn readRDS} reads it."),
  rdata = list("a workspace that {.fn save} wrote", "{.fn load} reads it."),
  hdf5 = list("an HDF5 file, as Keras' weights are", "{.code import_keras(path, model)} reads weights of Keras."),
  keras = list("a whole model of Keras (.keras)", "{.code import_keras(path, model)} reads it."),
  torch = list(
    "a file of PyTorch (.pt, .pth)",
    "{.code torch.load()} of Python reads it; {.fn vae_set_weights} takes its arrays."
  ),
  npy = list("an array of NumPy (.npy)", "{.fn read_drawings} and {.fn load_quickdraw} read drawings from it."),
  npz = list("an archive of NumPy's arrays (.npz)", "{.fn read_drawings} reads drawings from it."),
  idx = list("an IDX file, MNIST's format", "{.fn load_mnist} reads it."),
  image = list("an image", "{.fn read_images} reads PNG and JPEG files."),
  html = list("a web page (an error message of the server, or a link's own page)", "Download the file itself."),
  lfs = list("a pointer of Git LFS to a file, not that file", "Fetch the file itself: {.code git lfs pull}."),
  pickle = list("a pickle of Python", "Only Python reads it."),
  strokes = list(
    "strokes of Quick, Draw! (.ndjson or .bin)",
    "{.fn load_quickdraw} takes the bitmaps, {.file numpy_bitmap/<category>.npy} of the same data set."
  ),
  utf16 = list("text as UTF-16", "Save it as UTF-8 (Excel: \"CSV UTF-8\")."),
  csv = list("a table as text (CSV)", "{.fn read_drawings} reads drawings from it."),
  json = list("a JSON file"), text = list("a text file"), pdf = list("a PDF file"),
  parquet = list("a Parquet file"), sqlite = list("an SQLite database"), matlab = list("a MATLAB file"),
  tar = list("a tar archive", "Unpack it first."), zip = list("a zip archive", "Unpack it first."),
  gzip = list("compressed by gzip", "Unpack it first."), bzip2 = list("compressed by bzip2", "Unpack it first."),
  xz = list("compressed by xz", "Unpack it first."),
  zeros = list("full of zeros at its beginning (a download that did not end?)"),
  empty = list("empty"), unknown = list("of a kind that is not known here")
)

# One of the names above. What is compressed by gzip, bzip2 or xz is what is inside, which the attribute
# `packed` says, where that can be told.
file_kind <- function(path, call = rlang::caller_env()) {
  start <- run_engine(file_start_cpp(path, 4096L), call)
  kind <- kind_of_bytes(start)
  if (kind == "zip") return(kind_of_zip(path))
  if (!kind %in% c("gzip", "bzip2", "xz")) return(kind)
  inside <- tryCatch(
    {
      from <- gzfile(path, "rb")
      on.exit(close(from))
      kind_of_bytes(suppressWarnings(readBin(from, "raw", 4096)))
    },
    error = function(e) "unknown"
  )
  # R compresses its own files.
  if (inside %in% c("rds", "rdata")) return(inside)
  if (inside %in% c("unknown", "empty")) return(kind)
  structure(inside, packed = kind)
}

# Quick, Draw!'s .bin has no mark of its own: a key, the country's two letters, a flag, a time of 2016 to 2018.
# How the files of a kind begin, as patterns of hexadecimal digits; the first that fits counts.
file_beginnings <- c(
  safetensors = "^.{8}0{8}7b", # a length, then JSON
  hdf5 = "^(.{1024}|.{2048}|.{4096})?894844460d0a1a0a", # maybe after a block of somebody else's
  npy = "^934e554d5059", zip = "^504b(0304|0506)", gzip = "^1f8b", bzip2 = "^425a68", xz = "^fd377a585a00",
  rdata = "^5244(58|41|42)3[0-9]0a", rds = "^(58|41|42)0a",
  image = "^(89504e47|ffd8ff|47494638|49492a00|4d4d002a|52494646.{8}57454250|424d.{8}00000000)",
  pdf = "^25504446", parquet = "^50415231", sqlite = "^53514c69746520666f726d6174", matlab = "^4d41544c4142",
  strokes = "^.{16}(4[1-9a-f]|5[0-9a]){2}0[01].{6}5[6-9a]", utf16 = "^(fffe|feff|(0[9ad]|2[0-9a-f]|[3-7][0-9a-f])00.{2}00|00(0[9ad]|2[0-9a-f]|[3-7][0-9a-f])00[2-7])",
  torch = "^80028a0a6cfc9c46", # before PyTorch 1.6, a pickle of this number first
  pickle = "^800[2-5]", idx = "^0000(08|09|0b|0c|0d|0e)0[1-4]", tar = "^.{514}7573746172", zeros = "^(00)+$"
)

kind_of_bytes <- function(start) {
  if (length(start) == 0) {
    return("empty")
  }
  digits <- paste(format(start), collapse = "")
  fits <- vapply(file_beginnings, grepl, NA, digits, perl = TRUE)
  if (any(fits)) names(file_beginnings)[which(fits)[[1]]] else kind_of_text(start)
}

kind_of_text <- function(start) {
  if (any(start %in% as.raw(c(0:8, 14:31)))) return("unknown")
  text <- sub("^\xef\xbb\xbf", "", rawToChar(start), useBytes = TRUE)
  text <- sub("^[ \t\r\n]+", "", text, useBytes = TRUE)
  has <- function(pattern) grepl(pattern, text, useBytes = TRUE, ignore.case = TRUE)
  if (has("^<")) return("html")
  if (has("^version https://git-lfs")) return("lfs")
  if (has("^[{].*\"drawing\"")) return("strokes")
  if (has("^[{]") || has("^\\[")) return("json")
  # A first line of three cells or more.
  if (has("^([^,;\t\r\n]*[,;\t]){2}")) "csv" else "text"
}

kind_of_zip <- function(path) {
  members <- tryCatch(suppressWarnings(utils::unzip(path, list = TRUE)$Name), error = function(e) character())
  has <- function(pattern) any(grepl(pattern, members))
  if (has("^model[.]weights[.]h5$")) return("keras")
  if (has("(^|/)data[.]pkl$")) return("torch")
  if (length(members) > 0 && all(grepl("[.]npy$", members))) return("npz")
  "zip"
}

# Aborts because of what `path` is; `wanted` says what it had to be ("a file that {.fn save_vae} wrote").
abort_file <- function(path, wanted, kind = file_kind(path, call), call = rlang::caller_env()) {
  row <- file_kinds[[kind]]
  packed <- attr(kind, "packed")
  what <- paste0(row[[1]], if (!is.null(packed)) paste(", compressed by", packed))
  hints <- unique(c(if (!is.null(packed)) "Unpack it first.", if (length(row) > 1) row[[2]], character()))
  cli::cli_abort(
    c(paste0("{.file {path}} is ", what, ", not ", wanted, "."), rlang::set_names(hints, rep("i", length(hints)))),
    call = call
  )
}

# The ending of a file that is to be written: one of these, or none. Another one would name another format.
check_ending <- function(path, endings, arg = "path", call = rlang::caller_env()) {
  given <- tools::file_ext(path)
  # "fit-0.5" and "fit.2" have none.
  if (!grepl("^[A-Za-z]", given) || tolower(given) %in% endings) {
    return(path)
  }
  cli::cli_abort(
    "{.arg {arg}} must end in {.or {.val {paste0('.', endings)}}}, not in {.val {paste0('.', given)}}, which is for files of another kind.",
    call = call
  )
}
