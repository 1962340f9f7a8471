# Reading and writing drawings: a .npy of 126,121 sheep, and the CSV checkpoint beside data.table's
# fwrite and fread on the same file, in turn.
#   SKETCHVAE_DATA=/path/to/data Rscript bench/files.R [ROUNDS]
library(sketchvae, warn.conflicts = FALSE)
rounds <- as.integer(c(commandArgs(TRUE), 3)[1])
sheep <- load_quickdraw("sheep", path = file.path(Sys.getenv("SKETCHVAE_DATA"), "quickdraw", "sheep.npy"))
x <- sheep[rep_len(seq_along(sheep), 126121)]
npy <- tempfile(fileext = ".npy")
ours <- tempfile(fileext = ".csv")
theirs <- tempfile(fileext = ".csv")
seconds <- function(expr) system.time(expr)[["elapsed"]]
write_drawings(x, npy)
table <- data.table::as.data.table(as.matrix(x))
rows <- NULL
for (i in seq_len(rounds)) {
  rows <- rbind(rows, c(
    npy_write = seconds(write_drawings(x, npy)), npy_read = seconds(y <- load_quickdraw(path = npy)),
    csv_write = seconds(write_drawings(x, ours)), fwrite = seconds(data.table::fwrite(table, theirs)),
    csv_read = seconds(z <- read_drawings(ours)), fread = seconds(data.table::fread(ours))
  ))
}
stopifnot(identical(y$pixels, x$pixels), identical(z$pixels, x$pixels))
best <- apply(rows, 2, median)
print(round(best, 3))
cat(sprintf("CSV of %.0f MB: writing %.2f of fwrite's time, reading %.2f of fread's\n", file.size(ours) / 1e6,
            best[["csv_write"]] / best[["fwrite"]], best[["csv_read"]] / best[["fread"]]))
