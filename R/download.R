# A .npy of drawings from the network into the cache of load_quickdraw(). A part of it is taken up again only
# where the server shows that it still has the same file (R/download_part.R keeps what is needed for that).

# Downloads `url` to `path`. One session at a time: others wait for it, and find the file there.
download_npy <- function(url, path, what, call = rlang::caller_env()) {
  rlang::check_installed("curl", "to download drawings.", call = call)
  check_cache_folder(dirname(path), call)
  lock <- wait_for_lock(hidden_beside(path, "lock"), what)
  on.exit(unlock_file_cpp(lock))
  if (cached_as_recorded(path)) {
    return(invisible(path))
  }
  # Where files cannot be locked, a session has a part of its own.
  part <- open_part(paste0(path, ".part", if (lock$state == "none") Sys.getpid()), url)
  on.exit(part$save(), add = TRUE, after = FALSE)
  progress <- progress_callback(paste("Downloading", what))
  fruitless <- best <- 0
  repeat {
    end <- fetch_rest(url, part, progress)
    if (end$kind == "whole") end <- part$verdict()
    if (end$kind == "whole") break
    if (end$kind == "anew") part$drop()
    # A line that is cut again and again is still worth it while bytes arrive.
    fruitless <- if (part$bytes > best) 0 else fruitless + 1
    best <- max(best, part$bytes)
    if (end$kind == "stop" || fruitless == 3) {
      stop_download(url, path, end$text, call, kept = part$bytes, unknown = if (identical(end$status, 404L)) what)
    }
    Sys.sleep(.2 * fruitless)
  }
  part$finish(path, call)
  invisible(path)
}

check_cache_folder <- function(folder, call) {
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  if (file.access(folder, 2) != 0) {
    cli::cli_abort(c(
      "The cache {.file {folder}} cannot be {if (dir.exists(folder)) 'written' else 'made'}.",
      i = "The environment variable {.envvar R_USER_CACHE_DIR} moves it."
    ), call = call, class = "sketchvae_download_error")
  }
}

wait_for_lock <- function(file, what) {
  told <- FALSE
  repeat {
    lock <- lock_file_cpp(file)
    if (lock$state != "busy") {
      return(lock)
    }
    if (!told) cli::cli_inform("Another R session downloads {what}: waiting for it.")
    told <- TRUE
    Sys.sleep(.1)
  }
}

# Fetches what the part lacks. How that ended: list(kind, text), kind being "whole" (the server sent all that it
# wanted to), "cut" (worth another try), "anew" (what is there is of no use) or "stop".
fetch_rest <- function(url, part, progress) {
  # What cannot be told from another file cannot be gone on with.
  if (is.null(validator_of(part$known))) part$drop()
  handle <- curl::new_handle(url = url)
  patience <- max(60, getOption("timeout"))
  curl::handle_setopt(handle, followlocation = TRUE, failonerror = FALSE, accept_encoding = "identity",
    connecttimeout = patience, low_speed_limit = 1, low_speed_time = patience)
  asked <- part$bytes > 0
  if (asked) {
    curl::handle_setheaders(handle, Range = sprintf("bytes=%.0f-", part$bytes), `If-Range` = validator_of(part$known))
  }
  end <- answer <- NULL
  head <- raw() # of a new file, until it is long enough to say what it is
  take <- function(bytes, last) {
    if (is.null(answer)) {
      response <- curl::handle_data(handle)
      if (last && response$status_code == 0) {
        return() # there was no answer
      }
      answer <<- judge_answer(response, part, asked)
    }
    if (answer$kind == "new") {
      head <<- c(head, bytes)
      started <- begin_part(part, head, last, answer$known, url)
      if (is.null(started)) {
        return()
      }
      answer <<- started
    } else if (answer$kind == "rest" && length(bytes) > 0) {
      part$append(bytes)
    }
    if (answer$kind != "rest") {
      end <<- answer
    } else if (part$bytes > part$promise) {
      part$drop()
      end <<- list(kind = "stop", text = "It is longer than its header says.")
    } else if (!is.null(progress)) {
      progress(part$bytes, part$promise)
    }
  }
  failure <- NULL
  finished <- FALSE
  pool <- curl::new_pool()
  on.exit(curl::multi_cancel(handle))
  curl::multi_add(handle,
    done = function(response) finished <<- TRUE, fail = function(text) failure <<- text, pool = pool,
    # Ctrl-C waits until the bytes are on the disk; curl obeys it between pieces.
    data = function(bytes, ...) {
      if (is.null(end)) {
        tryCatch(suspendInterrupts(take(bytes, last = length(bytes) == 0)),
          error = function(e) end <<- list(kind = "stop", text = conditionMessage(e)))
      }
    }
  )
  while (is.null(end) && is.null(failure) && !finished) curl::multi_run(timeout = .2, pool = pool)
  # Why the line was cut says more than what had come until then.
  if (!is.null(failure) && (is.null(end) || end$kind == "cut")) end <- list(kind = "cut", text = failure)
  end %||% list(kind = "whole")
}

# The first bytes of a new file: NULL when more are needed, else what to do with those that follow.
begin_part <- function(part, head, last, known, url) {
  if (length(head) < 1024 && starts_npy(head) && !last) {
    return(NULL)
  }
  start <- tempfile()
  on.exit(unlink(start))
  writeBin(head, start)
  promise <- tryCatch(npy_bytes_cpp(start), error = function(e) gsub(start, url, conditionMessage(e), fixed = TRUE))
  if (is.character(promise)) {
    # Nothing of it is taken: what is there of the right file stays.
    cut <- starts_npy(head) && length(head) < 1024
    return(list(kind = if (cut) "cut" else "stop", text = promise))
  }
  if (!holds_bitmaps(head)) {
    return(list(kind = "stop", text = "It holds another array than the drawings of Quick, Draw!: bytes, n x 784."))
  }
  if (!is.null(known$total) && known$total != promise) {
    return(list(kind = "stop", text = sprintf("The server has %.0f bytes, but its header promises %.0f.", known$total, promise)))
  }
  part$begin(known, head, promise)
  list(kind = "rest")
}

starts_npy <- function(bytes) {
  magic <- as.raw(c(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59))
  n <- min(length(bytes), 6)
  identical(bytes[seq_len(n)], magic[seq_len(n)])
}

# One byte a pixel, 784 pixels a drawing.
holds_bitmaps <- function(head) {
  text <- rawToChar(head[head > 31 & head < 127])
  grepl("'descr': *'[|<>=]?u1'", text) && grepl("'shape': *\\([0-9]+, *784,? *\\)", text)
}

# What a server's answer says: what its body is ("new": a whole file, "rest": what the part lacks), or how the transfer
# ends here.
judge_answer <- function(response, part, asked) {
  status <- response$status_code
  headers <- curl::parse_headers_list(response$headers)
  if (status %in% c(0, 200)) { # 0: a file:// URL
    return(list(kind = "new", known = known_from(headers)))
  }
  if (asked && status == 206 && is_rest_of(part, headers)) {
    return(list(kind = "rest"))
  }
  said <- sub("^HTTP/[0-9.]+ +", "", utils::tail(c("", grep("^HTTP/", curl::parse_headers(response$headers), value = TRUE)), 1))
  text <- paste0("The server answered ", if (nzchar(said)) said else status, ".")
  if (asked && status == 416) text <- "The server has no more than what came, but its header promises more."
  kind <- if (asked && status %in% c(206, 416)) {
    "anew"
  } else if (status %in% c(408, 425, 429) || status >= 500) {
    "cut"
  } else {
    "stop"
  }
  list(kind = kind, text = text, status = status)
}

# What a server says of a whole file. A weak ETag is no promise that the bytes are the same, and ranges of a file
# that is compressed on its way are not those of the file.
known_from <- function(headers) {
  if (!identical(headers[["content-encoding"]] %||% "identity", "identity")) {
    return(list())
  }
  etag <- headers[["etag"]]
  length <- headers[["content-length"]]
  hashes <- paste(unlist(headers[names(headers) == "x-goog-hash"]), collapse = ",")
  md5 <- regmatches(hashes, regexpr("md5=[^,]+", hashes))
  list(
    etag = if (!is.null(etag) && !startsWith(etag, "W/")) etag, date = headers[["last-modified"]],
    total = if (!is.null(length)) as.double(length),
    md5 = if (length(md5) == 1) sub("md5=", "", md5) else headers[["content-md5"]]
  )
}

validator_of <- function(known) known$etag %||% known$date

# Is the answer what the part lacks, all of it, of the same file?
is_rest_of <- function(part, headers) {
  said <- headers[["content-range"]] %||% ""
  place <- as.double(regmatches(said, regexec("^bytes ([0-9]+)-([0-9]+)/([0-9]+)$", said))[[1]][-1])
  if (length(place) != 3 || any(place != c(part$bytes, part$promise - 1, part$promise))) {
    return(FALSE)
  }
  same <- c(etag = headers[["etag"]] == part$known$etag, date = headers[["last-modified"]] == part$known$date)
  length(same) > 0 && all(same)
}

# `unknown`: the category that the server does not have.
stop_download <- function(url, path, reason, call, kept = 0, unknown = NULL) {
  cli::cli_abort(c(
    "Cannot download {.url {url}}.",
    x = "{reason}",
    i = if (!is.null(unknown)) {
      "Is {.val {unknown}} a category, spelt as Quick, Draw! does? They are listed at {.url {quickdraw_categories}}."
    },
    i = if (kept > 0) "The {show_bytes(kept)} that arrived are kept: call again to go on.",
    i = "By hand: download it with another program and save it as {.file {path}}."
  ), call = call, class = "sketchvae_download_error")
}
