# Who may talk to the live explorer (latent_explorer.R). R listens on this machine, where every page in a browser and
# every user can reach the port: only who knows the address that R opened, with its token, gets a drawing or a say.

# 128 bits from the operating system: R's own random numbers can be foreseen by who knows the seed.
access_token <- function() {
  source <- file("/dev/urandom", "rb", raw = TRUE)
  on.exit(close(source))
  paste(readBin(source, "raw", 16), collapse = "")
}

# Compares in a time that does not tell how much of it is right.
same_token <- function(given, token) {
  if (!is.character(given) || length(given) != 1 || is.na(given) || nchar(given, "bytes") != nchar(token, "bytes")) {
    return(FALSE)
  }
  sum(as.integer(xor(charToRaw(given), charToRaw(token)))) == 0
}

token_of_query <- function(query) {
  token <- tryCatch(shiny::parseQueryString(query %||% "")$token, error = function(e) NULL)
  if (is.null(token)) "" else token
}

# Whether a request came by this machine's own name, not by a name that another page made point here, and, where it says
# so, from the page itself. `hosts` are further names: those of a proxy.
from_own_page <- function(request, hosts = NULL, origin_needed = FALSE) {
  host <- tolower(request$HTTP_HOST %||% "")
  name <- function(x) sub(":[0-9]+$", "", x)
  if (!name(host) %in% c("127.0.0.1", "localhost", "[::1]", tolower(hosts))) {
    return(FALSE)
  }
  origin <- request$HTTP_ORIGIN
  if (is.null(origin)) {
    return(!origin_needed)
  }
  origin <- tolower(origin)
  origin == paste0("http://", host) || name(sub("^https?://", "", origin)) %in% tolower(hosts)
}

# The bytes of a question, at most `most`; a longer one is not read.
question_body <- function(request, most) {
  length <- suppressWarnings(as.double(request$CONTENT_LENGTH %||% "0"))
  if (is.na(length) || length > most) cli::cli_abort("The question is longer than {count_text(most)} bytes.")
  body <- request$rook.input$read(most + 1)
  if (length(body) > most) cli::cli_abort("The question is longer than {count_text(most)} bytes.")
  body
}

# The longest question of each kind, in bytes; one asks for at most 20,000 drawings at once.
question_most <- function(ask, data) {
  switch(ask, decode = 20000 * 4 * data$meta$d, thumbs = 20000 * 4, codes = 4, place = prod(data$x$size), 0)
}

# The row numbers that the page sent, if that is what they are.
selected_rows <- function(given, n) {
  rows <- suppressWarnings(as.double(unlist(given)))
  rows <- rows[is.finite(rows) & rows == round(rows) & rows >= 1 & rows <= n]
  as.integer(sort(unique(rows)))
}
