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
  if (!isTRUE(written)) cli::cli_abort("{.arg {arg}}: {.file {file}} cannot be written.", call = call)
}

# Said before the work is done that a file is for.
check_writable <- function(file, arg = rlang::caller_arg(file), call = rlang::caller_env()) {
  if (file.access(dirname(file), 2) == 0) return(invisible())
  cli::cli_abort("{.arg {arg}}: {.file {file}} cannot be written.", call = call)
}

write_lines <- function(lines, file) {
  con <- base::file(file, "wb")
  on.exit(close(con))
  writeLines(lines, con, useBytes = TRUE)
}
