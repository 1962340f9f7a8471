# Builds the site into build/site with the installed package, then checks its links. Run by tools/site.
options(pkgdown.internet = FALSE)
Sys.setenv(RSTUDIO_PANDOC = dirname(Sys.which("pandoc")))
site <- "build/site"
unlink(site, recursive = TRUE)
began <- Sys.time()

# Links to other packages' help would make downlit ask their sites where it is.
utils::assignInNamespace("remote_metadata_slow", function(package) NULL, "downlit")
pkgdown::build_site(
  devel = FALSE, preview = FALSE, install = FALSE, new_process = FALSE,
  # Whole paths: articles are knitted elsewhere.
  override = list(template = list(path = normalizePath("tools/pkgdown")))
)

# In the README, articles are files of the sources.
home <- file.path(site, "index.html")
writeLines(gsub("vignettes/(articles/)?([a-z-]+)[.]Rmd", "articles/\\2.html", readLines(home)), home)

# The index as a script: a page opened as a file may not fetch search.json. Paths as seen from the root.
index <- jsonlite::read_json(file.path(site, "search.json"))
text_or_none <- function(x) if (length(x) == 1) as.character(x) else ""
paths <- vapply(index, function(page) sub("^/", "", text_or_none(page$path)), "")
there <- grepl("[.]html$", paths) & file.exists(file.path(site, paths))
headings <- vapply(unique(paths[there]), function(path) {
  xml2::xml_text(xml2::xml_find_first(xml2::read_html(file.path(site, path)), "//h1"))
}, "")
index <- Map(function(page, path) {
  list(
    path = path, id = text_or_none(page$id), title = headings[[path]], what = text_or_none(page$what),
    text = substr(text_or_none(page$text), 1, 2000)
  )
}, index[there], paths[there])
json <- jsonlite::toJSON(unname(index), auto_unbox = TRUE, null = "null")
writeLines(paste0("window.siteIndex = ", json, ";"), file.path(site, "search.js"))
file.remove(file.path(site, "search.json"))

# ---- links -----------------------------------------------------------------------------------
pages <- list.files(site, "[.]html$", recursive = TRUE)
documents <- stats::setNames(lapply(file.path(site, pages), xml2::read_html), pages)
ids <- lapply(documents, function(page) xml2::xml_text(xml2::xml_find_all(page, "//@id | //@name")))
external <- character()
broken <- character()
for (page in pages) {
  links <- unique(xml2::xml_text(xml2::xml_find_all(documents[[page]], "//@href | //@src")))
  outside <- grepl("^[a-zA-Z][a-zA-Z0-9+.-]*:|^//", links)
  external <- c(external, grep("^(data|mailto):", links[outside], value = TRUE, invert = TRUE))
  for (link in links[!outside & nzchar(links)]) {
    file <- utils::URLdecode(sub("[?#].*", "", link))
    anchor <- utils::URLdecode(if (grepl("#", link)) sub("^[^#]*#", "", link) else "")
    target <- if (nzchar(file)) {
      normalizePath(file.path(site, dirname(page), file), mustWork = FALSE)
    } else {
      normalizePath(file.path(site, page))
    }
    if (dir.exists(target)) target <- file.path(target, "index.html")
    name <- substring(target, nchar(normalizePath(site)) + 2)
    if (!file.exists(target) || nzchar(anchor) && name %in% pages && !anchor %in% ids[[name]]) {
      broken <- c(broken, paste(page, "->", link))
    }
  }
}
loaded <- unlist(lapply(documents, function(page) {
  xml2::xml_text(xml2::xml_find_all(page, "//script/@src | //link[@rel='stylesheet']/@href | //img/@src"))
}))
fetched <- grep("^(https?:)?//", loaded, value = TRUE)

cat("External links, not looked up:", sort(unique(external)), sep = "\n  ")
cat(sprintf(
  "*** %d pages in %s, built and checked in %.0f seconds\n", length(pages), normalizePath(site),
  as.double(Sys.time() - began, units = "secs")
))
if (length(c(broken, fetched)) > 0) {
  if (length(broken) > 0) cat("Links that lead nowhere:", broken, sep = "\n  ")
  if (length(fetched) > 0) cat("Pages fetch what the site does not hold:", unique(fetched), sep = "\n  ")
  quit(status = 1)
}
