#' Look around in latent space
#'
#' Opens a page, in the browser or in RStudio's viewer, with all drawings as points of the latent space.
#' Pointing at a place shows what the decoder draws there, the nearest drawing, and its
#' reconstruction. On the page one can
#' * drag and zoom the map; colour the points by cluster, label, squared error or density; filter them;
#' * draw around points to select their drawings, whose row numbers are what the function returns;
#' * draw a path, which plays as a walk through the drawings on its way;
#' * draw a sheep of one's own: where it lands, what the model makes of it, and how odd it is;
#' * with more than two latent dimensions, choose the two that are shown and move along the others;
#' * save the picture, the selected rows, the decoded drawing.
#'
#' All of it but the drawing pad works by keyboard; the page names the keys. Everything stays on this
#' machine. [save_explorer()] writes such a page to a file that needs no R.
#'
#' Before the page opens all drawings are encoded, unless `z` brings the codes: 126,121 drawings take [model_sheep()]
#' about a minute. More than 2,000 drawings are scored while the page is open, whenever R has nothing else to answer,
#' unless `anomalies` brings the scores.
#'
#' @param fit A fitted `vae` of two or more latent dimensions.
#' @param x The drawings to show: anything [as_drawings()] takes.
#' @param clusters A clustering of all drawings of `x` ([latent_dbscan()], [latent_kmeans()]), a vector with a whole
#'   number for each of them (0 is noise), or `NULL`.
#' @param anomalies What [mse_anomalies()] gave for `x`, a vector with a number for each drawing, or `NULL`: then they are
#'   scored.
#' @param labels A vector with a label for each drawing, or `NULL`: the drawings' own.
#' @param z The codes of `x` if [vae_encode()] has given them already, or `NULL`.
#' @param title The page's heading.
#' @param viewer A function that opens an address, or `NULL` for RStudio's viewer or else the browser.
#' @returns The row numbers of the selected drawings, increasing, when "Done" is pressed or the page is closed.
#' @section Errors: Clusters, scores, labels or codes that don't fit the drawings; a fit of one dimension;
#'   package shiny not installed.
#' @export
#' @examplesIf interactive()
#' x <- simulate_sheep(2000, anomalies = 20, seed = 1)
#' fit <- pretrained_sheep()
#' clusters <- latent_dbscan(vae_encode(fit, x), eps = 0.1, minPts = 10)
#' rows <- latent_explorer(fit, x, clusters)
#' plot(x[rows])
latent_explorer <- function(fit, x, clusters = NULL, anomalies = NULL, labels = NULL, z = NULL,
                            title = "Latent space", viewer = NULL) {
  if (!is.null(viewer) && !is.function(viewer)) {
    abort_argument(viewer, "viewer", "a function that opens an address, or NULL", rlang::current_env())
  }
  data <- explorer_data(fit, x, clusters, anomalies, labels, title, 1:2, z, scores_later = TRUE)
  data$pixels <- matrix(data$x$pixels, ncol = data$meta$n)
  rlang::check_installed("shiny", reason = "to open the explorer.")
  shiny::runGadget(
    shiny::shinyApp(explorer_ui(title), explorer_server(fit, data)),
    viewer = viewer %||% shiny::paneViewer(), stopOnCancel = FALSE
  )
}

explorer_ui <- function(title) {
  ui <- shiny::tagList(
    shiny::tags$head(
      shiny::tags$meta(name = "viewport", content = "width=device-width, initial-scale=1"),
      shiny::tags$title(title), shiny::tags$style(shiny::HTML(explorer_file("explorer.css")))
    ),
    shiny::HTML(explorer_file("explorer.html")),
    shiny::tags$script(shiny::HTML(explorer_file("explorer.js")))
  )
  attr(ui, "lang") <- "en"
  ui
}

explorer_server <- function(fit, data) {
  function(input, output, session) {
    rows <- integer()
    shiny::observeEvent(input$selected, rows <<- as.integer(unlist(input$selected)), ignoreNULL = FALSE)
    shiny::observeEvent(input$done, shiny::stopApp(rows))
    session$onSessionEnded(function() shiny::stopApp(rows))
    asked <- NULL
    url <- session$registerDataObj("explorer", NULL, function(nothing, request) {
      asked <<- Sys.time()
      ask <- shiny::parseQueryString(request$QUERY_STRING)$ask
      # On a connection that stays, an answer waits 40 ms for the acknowledgement of its own header.
      respond <- function(...) shiny::httpResponse(..., headers = list(Connection = "close"))
      tryCatch(
        respond(200, "application/octet-stream", explorer_answer(fit, data, ask %||% "", request$rook.input$read())),
        error = function(e) respond(400, "text/plain; charset=utf-8", conditionMessage(e))
      )
    })
    session$sendCustomMessage("explorer", list(meta = list_to_json_cpp(data$meta), url = url))
    scoring <- if (!data$meta$scored) gradual_scores(fit, data)
    percent <- 0
    shiny::observe({
      if (is.null(scoring)) return()
      shiny::invalidateLater(20)
      # Half a second after the last question: who points at things does not wait for scores.
      if (is.null(asked) || Sys.time() - asked < 0.5) return()
      share <- scoring$step()
      if (share == 1) {
        data$mse <<- scoring$mse()
        scoring <<- NULL
      } else if (floor(100 * share) == percent) {
        return()
      }
      percent <<- floor(100 * share)
      session$sendCustomMessage("scored", list(share = share, cutoff = if (share == 1) as.double(cutoff_mad()(data$mse))))
    })
  }
}

# Squared errors of all drawings, in steps of about 50 ms.
gradual_scores <- function(fit, data) {
  mse <- double(data$meta$n)
  done <- 0
  batch <- 16
  step <- function() {
    rows <- done + seq_len(min(batch, length(mse) - done))
    some <- new_drawings(as.vector(data$pixels[, rows]), size = data$x$size)
    took <- system.time(mse[rows] <<- mse_anomalies(fit, some)$mse)[["elapsed"]]
    done <<- max(rows)
    batch <<- round(min(max(batch * 0.05 / max(took, 0.001), 8), 2 * batch))
    done / length(mse)
  }
  list(step = step, mse = function() mse)
}

# What the page asks for, bytes in and bytes out: numbers are little-endian, of 4 bytes.
explorer_answer <- function(fit, data, ask, body) {
  d <- data$meta$d
  size <- prod(data$x$size)
  codes <- function() {
    values <- readBin(body, "double", length(body) / 4, size = 4, endian = "little")
    if (length(values) == 0 || length(values) %% d != 0) cli::cli_abort("Codes have {d} numbers each.")
    matrix(values, ncol = d, byrow = TRUE)
  }
  switch(ask,
    data = c(
      little_endian(t(data$z), "double"), if (data$meta$scored) little_endian(data$mse, "double"),
      little_endian(unlist(data$groups, use.names = FALSE), "integer")
    ),
    decode = {
      z <- codes()
      # A few drawings are decoded sooner than threads agree on who does what, above all beside a busy browser.
      as_drawings(vae_decode(fit, z, threads = if (nrow(z) < 8) 1))$pixels
    },
    thumbs = {
      rows <- readBin(body, "integer", length(body) / 4, size = 4, endian = "little") + 1L
      if (any(is.na(rows) | rows < 1 | rows > data$meta$n)) cli::cli_abort("There is no such drawing.")
      # x[rows] would copy all drawings first.
      as.vector(data$pixels[, rows])
    },
    scores = little_endian(data$mse, "double"),
    place = {
      if (length(body) != size) cli::cli_abort("A drawing has {size} bytes, not {length(body)}.")
      drawn <- new_drawings(body, size = data$x$size)
      code <- vae_encode(fit, drawn)
      c(
        little_endian(c(code, mse_anomalies(fit, drawn)$mse), "double"),
        as_drawings(vae_decode(fit, code))$pixels
      )
    },
    cli::cli_abort("The explorer cannot answer {.val {ask}}.")
  )
}
