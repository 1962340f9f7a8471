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
#' machine: R listens at 127.0.0.1 alone, and answers only the page whose address, with a token that is drawn anew each
#' time, it opened itself. Of two such pages the first has it; it may be loaded anew. [save_explorer()] writes such a page to a file that needs no R.
#'
#' Of more than 2,000 drawings, 2,000 picked at random (the same ones each time) are encoded before the page opens,
#' and their codes set the map's limits. The other drawings are encoded while the page is open, and then all are
#' scored, whenever nobody points at things or moves the map; the page says how far it is, and points appear as they are
#' encoded. What has no point yet is neither found nor selected. `z` and `anomalies` bring codes and scores that are
#' known already.
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
#' @param hosts Names of machines by which the page is reached, beside this one's own: the name of a server whose proxy stands
#'   between, as those of Posit Workbench and JupyterHub do.
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
                            title = "Latent space", viewer = NULL, hosts = NULL) {
  if (!is.null(viewer) && !is.function(viewer)) {
    abort_argument(viewer, "viewer", "a function that opens an address, or NULL", rlang::current_env())
  }
  if (!is.null(hosts) && (!is.character(hosts) || anyNA(hosts))) {
    abort_argument(hosts, "hosts", "NULL or names of machines, such as \"rstudio.example.org\"", rlang::current_env())
  }
  data <- explorer_data(fit, x, clusters, anomalies, labels, title, 1:2, z, later = TRUE)
  data$pixels <- matrix(data$x$pixels, ncol = data$meta$n)
  rlang::check_installed("shiny", reason = "to open the explorer.")
  token <- access_token()
  open <- viewer %||% shiny::paneViewer()
  # Longer requests than any question of the page are turned away unread.
  most <- max(vapply(c("decode", "thumbs", "codes", "place"), question_most, double(1), data = data))
  before <- options(shiny.maxRequestSize = most + 1)
  on.exit(options(before))
  shiny::runApp(
    shiny::shinyApp(
      guarded_ui(explorer_ui(title), token, hosts), explorer_server(keep_network(fit), data, token, hosts)
    ),
    host = "127.0.0.1", launch.browser = function(url) open(paste0(url, "/?token=", token))
  )
}

# The page, for who knows the token.
guarded_ui <- function(ui, token, hosts) {
  function(request) {
    if (from_own_page(request, hosts) && same_token(token_of_query(request$QUERY_STRING), token)) {
      return(ui)
    }
    shiny::httpResponse(403, "text/plain; charset=utf-8", "This page opens by the address that R gave.")
  }
}

explorer_ui <- function(title) {
  ui <- shiny::tagList(
    shiny::tags$head(
      # The address holds the token: no other page learns of it.
      shiny::tags$meta(name = "referrer", content = "same-origin"),
      shiny::tags$meta(name = "viewport", content = "width=device-width, initial-scale=1"),
      shiny::tags$title(title), shiny::tags$style(shiny::HTML(explorer_file("explorer.css")))
    ),
    shiny::HTML(explorer_file("explorer.html")),
    shiny::tags$script(shiny::HTML(explorer_script()))
  )
  attr(ui, "lang") <- "en"
  ui
}

explorer_server <- function(fit, data, token, hosts = NULL, patience = 3) {
  rows <- integer()
  # The session that the page has; of two pages the first.
  owner <- NULL
  gone <- NULL
  # A page that is loaded anew comes back at once; one that is closed does not.
  wait_for_return <- function() {
    shiny::observe({
      if (!is.null(owner)) return()
      if (Sys.time() - gone > patience) shiny::stopApp(rows) else shiny::invalidateLater(200, NULL)
    }, domain = NULL)
  }
  function(input, output, session) {
    known <- from_own_page(session$request, hosts, origin_needed = TRUE) &&
      same_token(token_of_query(shiny::isolate(session$clientData$url_search)), token)
    if (known && !is.null(owner)) {
      session$sendCustomMessage("taken", "The explorer is open in another page already.")
    }
    if (!known || !is.null(owner)) {
      session$onFlushed(function() session$close())
      return(invisible())
    }
    owner <<- session$token
    shiny::observeEvent(input$selected, rows <<- selected_rows(input$selected, data$meta$n), ignoreNULL = FALSE, ignoreInit = TRUE)
    shiny::observeEvent(input$done, shiny::stopApp(rows))
    session$onSessionEnded(function() {
      owner <<- NULL
      gone <<- Sys.time()
      wait_for_return()
    })
    work <- gradual_work(fit, data)
    asked <- told <- Sys.time()
    url <- session$registerDataObj("explorer", NULL, function(nothing, request) {
      if (!from_own_page(request, hosts) || !same_token(request$HTTP_X_EXPLORER_TOKEN, token)) {
        return(shiny::httpResponse(403, "text/plain; charset=utf-8", "This page opens by the address that R gave."))
      }
      ask <- shiny::parseQueryString(request$QUERY_STRING)$ask %||% ""
      # What the page fetches of its own accord keeps nobody waiting.
      if (!ask %in% c("codes", "scores")) asked <<- Sys.time()
      # On a connection that stays, an answer waits 40 ms for the acknowledgement of its own header.
      respond <- function(...) shiny::httpResponse(..., headers = list(Connection = "close"))
      tryCatch(
        {
          # First: an answer that needs nothing of it would leave it unread, however long.
          body <- question_body(request, question_most(ask, data))
          respond(200, "application/octet-stream", explorer_answer(fit, work$data(), ask, body))
        },
        error = function(e) respond(400, "text/plain; charset=utf-8", conditionMessage(e))
      )
    })
    # The page says this when it asks, too: a question takes many turns of Shiny's loop to be read, this takes one.
    shiny::observeEvent(input$busy, asked <<- Sys.time(), priority = 1)
    session$sendCustomMessage("explorer", list(meta = list_to_json_cpp(data$meta), url = url))
    tell <- function(progress) {
      if (progress$share < 1 && Sys.time() - told < 0.5) return()
      told <<- Sys.time()
      if (progress$what == "scores" && progress$share == 1) progress$cutoff <- as.double(cutoff_mad()(work$data()$mse))
      session$sendCustomMessage("progress", progress)
    }
    shiny::observe({
      if (is.null(input$ready) || work$done()) return()
      # Who points at things or moves the map does not wait for codes and scores.
      rests <- Sys.time() - asked < 0.25
      if (!rests) tell(work$step())
      # From the end of a step: a moment in which word from the page comes in.
      shiny::invalidateLater(if (rests) 20 else 10)
    })
  }
}

# What is left to do when the page opens, in steps of about 50 ms: codes of the drawings that have none, then
# squared errors of all. step() says what it was about and which share of the drawings have it now; data() is `data` as
# it stands.
gradual_work <- function(fit, data) {
  z <- data$z
  mse <- data$mse %||% double(data$meta$n)
  encoded <- data$encoded
  some <- function(rows) new_drawings(as.vector(data$pixels[, rows]), size = data$x$size)
  jobs <- list(
    codes = list(rows = data$order[-seq_len(encoded)], act = function(rows) {
      z[rows, ] <<- vae_encode(fit, some(rows))
      encoded <<- encoded + length(rows)
    }),
    scores = list(
      rows = if (!data$meta$scored) seq_len(data$meta$n),
      act = function(rows) mse[rows] <<- mse_anomalies(fit, some(rows))$mse
    )
  )
  jobs <- Filter(function(job) length(job$rows) > 0, jobs)
  done <- 0
  batch <- 16
  step <- function() {
    job <- jobs[[1]]
    rows <- job$rows[done + seq_len(min(batch, length(job$rows) - done))]
    # A garbage collection first would take as long again.
    took <- system.time(job$act(rows), gcFirst = FALSE)[["elapsed"]]
    done <<- done + length(rows)
    batch <<- round(min(max(batch * 0.05 / max(took, 0.001), 8), 2 * batch))
    left <- length(job$rows) - done
    progress <- list(what = names(jobs)[[1]], share = 1 - left / data$meta$n)
    if (left == 0) {
      jobs <<- jobs[-1]
      done <<- 0
      batch <<- 16
    }
    progress
  }
  list(
    step = step, done = function() length(jobs) == 0,
    data = function() {
      data[c("z", "mse", "encoded")] <- list(z, mse, encoded)
      data
    }
  )
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
      drawings_of(vae_decode(fit, z, threads = if (nrow(z) < 8) 1))$pixels
    },
    thumbs = {
      rows <- readBin(body, "integer", length(body) / 4, size = 4, endian = "little") + 1L
      if (any(is.na(rows) | rows < 1 | rows > data$meta$n)) cli::cli_abort("There is no such drawing.")
      # x[rows] would copy all drawings first.
      as.vector(data$pixels[, rows])
    },
    codes = {
      had <- readBin(body, "integer", 1, size = 4, endian = "little")
      if (length(had) == 0 || is.na(had) || had < 0 || had > data$encoded) {
        cli::cli_abort("There are {data$encoded} codes.")
      }
      rows <- data$order[had + seq_len(data$encoded - had)]
      c(little_endian(rows - 1L, "integer"), little_endian(t(data$z[rows, ]), "double"))
    },
    scores = little_endian(data$mse, "double"),
    place = {
      if (length(body) != size) cli::cli_abort("A drawing has {size} bytes, not {length(body)}.")
      drawn <- new_drawings(body, size = data$x$size)
      code <- vae_encode(fit, drawn)
      c(
        little_endian(c(code, mse_anomalies(fit, drawn)$mse), "double"),
        drawings_of(vae_decode(fit, code))$pixels
      )
    },
    cli::cli_abort("The explorer cannot answer {.val {ask}}.")
  )
}
