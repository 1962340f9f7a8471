test_that("sketchvae_sitrep() says what is loaded and prints it", {
  sitrep <- sketchvae_sitrep()
  expect_s3_class(sitrep, "sketchvae_sitrep")
  expect_equal(sitrep$libtorch, sitrep$libtorch_compiled)
  expect_true(file.exists(sitrep$libtorch_path))
  expect_equal(sitrep$libtorch_loaded, sitrep$libtorch_path)
  expect_gte(sitrep$threads, 1)
  expect_type(sitrep$gpu, "logical")
  expect_true(nzchar(sitrep$gpu_reason))
  expect_output(print(sitrep), "LibTorch: +[0-9]+[.][0-9]+[.][0-9]+ \\(compiled against")
  expect_output(print(sitrep), "GPU: +(yes|no) \\(.+\\)")
})

test_that("a LibTorch of another package in the session is refused with a sentence", {
  ours <- withr::local_tempdir()
  other <- withr::local_tempdir()
  maps <- withr::local_tempfile(lines = c(
    "7f00-7f01 r-xp 00000000 fe:00 123   /usr/lib/libc.so.6",
    paste0("7f02-7f03 r-xp 00000000 fe:00 124   ", other, "/libtorch_cpu.so"),
    paste0("7f03-7f04 rw-p 00000000 fe:00 124   ", other, "/libtorch_cpu.so")
  ))
  loaded <- loaded_libtorch_files(maps)
  expect_equal(loaded, file.path(other, "libtorch_cpu.so"))
  expect_error(refuse_other_libtorch(ours, loaded), "already holds another LibTorch", fixed = TRUE)
  expect_silent(refuse_other_libtorch(other, loaded))
  expect_silent(refuse_other_libtorch(ours, character()))
})
