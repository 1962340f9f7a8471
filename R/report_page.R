# The page of vae_report(): text, tables and pictures as HTML.

# The line under the heading: a handful of numbers.
facts <- function(fit, x, found, anomalies) {
  epochs <- NROW(fit$history)
  clear <- is.null(found$groups) || found$groups > 1
  fact <- function(value, what) sprintf("<div><b>%s</b>%s</div>", html(value), html(what))
  paste0("<div class=\"facts\">", paste0(
    fact(count_text(length(x)), "drawings"),
    if (epochs > 0) fact(count_text(epochs), "epochs"),
    if (epochs > 0) fact(format(fit$history$loss[[epochs]], digits = 4), "loss"),
    fact(if (clear) count_text(length(setdiff(unique(found$cluster), 0L))) else "no clear", "clusters"),
    fact(count_text(length(anomalies$anomalies)), "odd ones")
  ), "</div>")
}

# Text of any origin as HTML text: nothing in it is markup.
html <- function(text) {
  for (pair in list(c("&", "&amp;"), c("<", "&lt;"), c(">", "&gt;"), c("\"", "&quot;"), c("'", "&#39;"))) {
    text <- gsub(pair[[1]], pair[[2]], text, fixed = TRUE)
  }
  enc2utf8(text)
}

paragraph <- function(...) paste0("<p>", html(paste0(...)), "</p>")

code_block <- function(lines) paste0("<pre>", html(paste(lines, collapse = "\n")), "</pre>")

printed <- function(x) code_block(cli::ansi_strip(utils::capture.output(print(x))))

details <- function(summary, content) {
  paste0("<details><summary>", html(summary), "</summary>", paste(content, collapse = ""), "</details>")
}

drawings_text <- function(n) paste(count_text(n), if (n == 1) "drawing" else "drawings")

html_table <- function(data) {
  cells <- lapply(names(data), function(name) {
    column <- data[[name]]
    if (grepl("share$", name)) {
      paste(formatC(100 * column, format = "f", digits = 1), "%")
    } else if (is.double(column) && any(column != round(column), na.rm = TRUE)) {
      format(column, digits = 3)
    } else if (is.numeric(column)) {
      count_text(column)
    } else {
      as.character(column)
    }
  })
  number <- ifelse(vapply(data, is.numeric, NA), " class=\"number\"", "")
  row <- function(tag, values) {
    paste0("<tr>", paste0("<", tag, number, ">", html(values), "</", tag, ">", collapse = ""), "</tr>")
  }
  body <- vapply(seq_len(nrow(data)), function(i) row("td", vapply(cells, `[[`, "", i)), "")
  heads <- gsub("_", " ", names(data), fixed = TRUE)
  paste0("<div class=\"wide\"><table>", row("th", heads), paste(body, collapse = "\n"), "</table></div>")
}

# A plot as a picture inside the page; sizes in inches.
figure <- function(plot, width, height, alt) {
  file <- tempfile(fileext = ".png")
  on.exit(unlink(file))
  # A device that is open already, a user's window say, stays the current one.
  # Smaller than it is shown: words that can be read on a phone.
  ggplot2::ggsave(file, plot, width = width, height = height, scale = 0.85, dpi = 150, bg = "white")
  bytes <- readBin(file, "raw", file.size(file))
  sprintf("<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\"></figure>", html(alt), base64(bytes))
}

base64 <- function(bytes) {
  missing <- -length(bytes) %% 3
  b <- matrix(as.integer(c(bytes, raw(missing))), nrow = 3)
  six <- rbind(
    b[1, ] %/% 4L, b[1, ] %% 4L * 16L + b[2, ] %/% 16L, b[2, ] %% 16L * 4L + b[3, ] %/% 64L,
    b[3, ] %% 64L
  )
  text <- c(LETTERS, letters, 0:9, "+", "/")[six + 1L]
  text[length(text) - seq_len(missing) + 1L] <- "="
  paste(text, collapse = "")
}

page <- function(title, facts, sections) {
  heading <- vapply(sections, `[[`, "", 1)
  anchor <- gsub("[^a-z]+", "-", tolower(heading))
  links <- paste0("<a href=\"#", anchor, "\">", html(heading), "</a>", collapse = " ")
  body <- vapply(seq_along(sections), function(i) paste0(
    "<section id=\"", anchor[[i]], "\"><h2>", html(heading[[i]]), "</h2>\n",
    paste(sections[[i]][[2]], collapse = "\n"), "</section>"
  ), "")
  c(
    "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    paste0("<title>", html(title), "</title>"), paste0("<style>", page_style, "</style></head><body><main>"),
    paste0("<h1>", html(title), "</h1>"), facts, paste0("<nav>", links, "</nav>"), body,
    "</main></body></html>"
  )
}

page_style <- "
body { margin: 0; background: #f6f5f1; color: #222; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 1rem 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; }
section { background: #fff; border: 1px solid #e3e0d8; border-radius: 8px; margin: 1rem 0; padding: 1rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.facts b { display: block; font-size: 1.5rem; line-height: 1.2; }
nav { margin: 1rem 0; }
nav a { color: #00568a; margin-right: .8rem; white-space: nowrap; }
figure { margin: .5rem 0; }
img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f5f1; border-radius: 6px; padding: .7rem; font-size: .85rem; line-height: 1.4; }
details pre { white-space: pre; overflow-x: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid #e3e0d8; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; }
@media (max-width: 40rem) {
  main { padding: .5rem; }
  section { padding: .7rem; }
  h1 { font-size: 1.5rem; }
  .facts { gap: .4rem 1.3rem; }
  table { font-size: .8rem; }
  th, td { padding: .2rem .35rem; }
  td:not(.number) { white-space: normal; }
  td:not(.number):not(:first-child) { min-width: 8rem; }
}
@media print { body { background: #fff; } nav { display: none; } section { border: 0; } }
"
