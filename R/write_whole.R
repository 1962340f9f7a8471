# A file that is there whole or not at all: write(part) writes under a name beside it that no other session has, and a
# rename puts it in place.
write_whole <- function(file, write, arg = "file", call = rlang::caller_env()) {
  part <- tempfile("sketchvae-part-", dirname(file))
  on.exit(unlink(part))
  written <- tryCatch(
    {
      write(part)
      file.rename(part, file)
    },
    error = function(e) FALSE, warning = function(w) FALSE
  )
  if (!isTRUE(written)) abort_unwritable(file, arg, call)
}

# The path of a page or picture that is to be made, looked at before the work is done that it is for.
check_output <- function(file, endings, call = rlang::caller_env()) {
  file <- check_ending(check_path(file, "file", call = call), endings, "file", call)
  if (file.access(dirname(file), 2) != 0) abort_unwritable(file, "file", call)
  file
}

abort_unwritable <- function(file, arg, call) {
  cli::cli_abort("{.arg {arg}}: {.file {file}} cannot be written.", call = call)
}

write_lines <- function(lines, file) {
  con <- base::file(file, "wb")
  on.exit(close(con))
  writeLines(lines, con, useBytes = TRUE)
}
