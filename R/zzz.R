# Loading: the shared library is opened here and not by useDynLib(), so that a session that already
# holds another LibTorch gets a sentence instead of a crash.

.onLoad <- function(libname, pkgname) {
  compiled <- read.dcf(file.path(libname, pkgname, "libtorch.dcf"))[1, ]
  refuse_other_libtorch(compiled[["Library"]], loaded_libtorch_files())
  if (!dir.exists(compiled[["Library"]])) {
    rlang::abort(sprintf(
      "The LibTorch that sketchvae was installed with is gone: %s. Install sketchvae again.",
      compiled[["Library"]]
    ))
  }
  library.dynam("sketchvae", pkgname, libname)
  end_teams_before_forks_cpp()

  versions <- libtorch_versions_cpp()
  if (versions[["compiled"]] != versions[["loaded"]]) {
    warning(sprintf(
      paste(
        "sketchvae was compiled against LibTorch %s, but LibTorch %s is loaded.",
        "Install sketchvae again."
      ),
      versions[["compiled"]], versions[["loaded"]]
    ), call. = FALSE)
  }
  guard_python(compiled[["Library"]])
  # The R package torch brings its own LibTorch; loaded after us, it would meet ours.
  setHook(packageEvent("torch", "onLoad"), function(...) {
    rlang::warn(c(
      "The R package torch was loaded into a session that uses sketchvae.",
      i = "Each brings its own LibTorch. Use them in two R sessions, or install sketchvae with LIBTORCH_HOME set to torch's."
    ))
  })
}

# From now on the python of this session, started or not, imports no torch with another LibTorch.
guard_python <- function(ours) {
  install <- function(...) {
    folder <- system.file("python", package = "sketchvae", mustWork = TRUE)
    reticulate::import_from_path("sketchvae_torch_guard", folder)$install(normalizePath(ours))
  }
  if (isNamespaceLoaded("reticulate") && reticulate::py_available(initialize = FALSE)) {
    install()
  } else {
    setHook("reticulate.onPyInit", install)
  }
}

.onUnload <- function(libpath) {
  library.dynam.unload("sketchvae", libpath)
}

# Files called libtorch_cpu in this process: on Linux from the kernel's list, elsewhere unknown
# before our library is open.
loaded_libtorch_files <- function(maps = "/proc/self/maps") {
  if (!file.exists(maps)) {
    return(character())
  }
  lines <- grep("/libtorch_cpu[.]so", readLines(maps, warn = FALSE), value = TRUE)
  unique(sub("^[^/]*", "", lines))
}

refuse_other_libtorch <- function(ours, loaded) {
  others <- loaded[normalizePath(dirname(loaded), mustWork = FALSE) !=
    normalizePath(ours, mustWork = FALSE)]
  if (length(others) > 0) {
    rlang::abort(c(
      sprintf("This R session already holds another LibTorch: %s.", others[[1]]),
      i = sprintf("sketchvae was installed with the one in %s; two in one process crash.", ours),
      i = "Load sketchvae in a new R session, without torch and reticulate."
    ), call = NULL)
  }
}
