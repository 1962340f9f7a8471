# Archives and compressed arrays of NumPy: R/read_drawings.R over src/engine/data/npy_file.cpp.
npz <- function(name) test_path("fixtures", "npz", name)

# What make-npz.py put into them.
three <- function() as_drawings(matrix((seq_len(3 * 784) - 1) * 7 %% 256, 3, byrow = TRUE) %% 256)

test_that("archives of one or several arrays are read, stored or deflated, with their labels", {
  x <- three()
  expect_identical(read_drawings(npz("one.npz")), x)
  expect_identical(load_quickdraw(path = npz("one.npz"), n = 2), as_drawings(x[1:2], labels = c("one", "one")))
  labelled <- read_drawings(npz("labelled.npz"))
  expect_identical(labelled$pixels, x$pixels)
  expect_identical(labels(labelled), c(4L, 0L, 9L))
  expect_error(read_drawings(npz("keras.npz")), "several arrays of drawings: x_train (3 x 28 x 28), x_test", fixed = TRUE)
  train <- read_drawings(npz("keras.npz"), array = "x_train")
  expect_identical(train, labelled)
  expect_identical(labels(read_drawings(npz("keras.npz"), array = "x_test")), c(4L, 0L))
  expect_error(read_drawings(npz("keras.npz"), array = "x"), "holds no array 'x', but: x_train", fixed = TRUE)
  expect_error(read_drawings(npz("keras.npz"), array = "y_test"), "array of shape (2,), not drawings", fixed = TRUE)
  expect_error(read_drawings(npz("strokes.npz")), "sketch-rnn's strokes are: a pickle, never read here")
  expect_error(read_drawings(npz("strokes.npz"), array = "train"), "Python objects")
})

test_that("half precision is read, and what gzip has packed, wherever a .npy file is taken", {
  x <- three()
  expect_identical(read_drawings(npz("half.npy.gz")), x)
  fit <- quick_fit(few_sheep(8))
  for (name in c("half.npy.gz", "one.npz", "labelled.npz")) {
    expect_identical(vae_encode(fit, npz(name)), vae_encode(fit, x))
    expect_identical(mse_anomalies(fit, npz(name))$mse, mse_anomalies(fit, x)$mse)
  }
})

test_that("what people report of other readers is read, or named", {
  python <- python_with("numpy")
  folder <- withr::local_tempdir()
  writeLines(c(
    "import numpy as np, os, sys, zipfile, gzip",
    "os.chdir(sys.argv[1])",
    "x = (np.arange(5 * 784).reshape(5, 28, 28) * 7 % 256).astype(np.uint8)",
    "np.save('transposed.npy', x.reshape(5, 784).T.copy().T)",
    "np.savez_compressed('sprites.npz', metadata=np.array({'a': 1}, dtype=object), imgs=(x > 100).astype(np.uint8)[:, :20, :24], classes=np.zeros((5, 6), int))",
    "np.savez('scalar.npz', x=x, n=123)",
    "np.savez('texts.npz', x=x, y=np.array(list('abcde')))",
    "np.save('turned.npy', x.reshape(5, 784).T)",
    "with zipfile.ZipFile('up.npz', 'w') as z: z.writestr('../../x.npy', open('transposed.npy', 'rb').read())",
    "with zipfile.ZipFile('mac.npz', 'w') as z:",
    "    z.writestr('x.npy', open('transposed.npy', 'rb').read()); z.writestr('__MACOSX/._x.npy', b'junk')",
    "open('twice.npz.gz', 'wb').write(gzip.compress(open('scalar.npz', 'rb').read()))",
    "np.savetxt('remark.csv', x.reshape(5, 784), fmt='%d', delimiter=';', header='made by numpy')"
  ), script <- file.path(folder, "make.py"))
  skip_if(system2(python, c(shQuote(script), shQuote(folder)), stderr = FALSE) != 0, "python failed")
  at <- function(name) file.path(folder, name)
  x <- as_drawings(aperm(array((seq_len(5 * 784) - 1) * 7 %% 256, c(28, 28, 5)), 3:1) %% 256)
  for (name in c("transposed.npy", "scalar.npz", "texts.npz", "up.npz", "mac.npz", "remark.csv")) {
    expect_identical(read_drawings(at(!!name))$pixels, x$pixels)
  }
  sprites <- read_drawings(at("sprites.npz"))
  expect_identical(sprites$size, c(20, 24))
  expect_setequal(as.integer(sprites$pixels), c(0, 255))
  expect_error(read_drawings(at("turned.npy")), "transpose it")
  said <- conditionMessage(expect_error(read_drawings(at("twice.npz.gz")), "a zip archive, compressed by gzip"))
  expect_length(gregexpr("Unpack it first", said)[[1]], 1)
})

test_that("cut and damaged archives are errors, wherever the damage is", {
  path <- withr::local_tempfile(fileext = ".npz")
  x <- three()
  withr::local_seed(1)
  for (name in c("one.npz", "labelled.npz", "half.npy.gz")) {
    whole <- readBin(npz(name), "raw", 1e5)
    for (n in sample(length(whole) - 1, 12)) {
      writeBin(whole[seq_len(n)], path)
      expect_error(read_drawings(path))
    }
    # A changed byte is found, unless nobody reads it (dates, versions).
    for (k in 1:25) {
      damaged <- whole
      at <- sample(length(whole), 1)
      damaged[[at]] <- xor(damaged[[at]], as.raw(sample(255, 1)))
      writeBin(damaged, path)
      read <- tryCatch(read_drawings(path)$pixels, error = function(e) NULL)
      expect_true(is.null(read) || identical(read, x$pixels))
    }
  }
})

test_that("NumPy's own files are read: types, orders, shapes, ways of packing", {
  python <- python_with("numpy")
  folder <- withr::local_tempdir()
  script <- file.path(folder, "make.py")
  writeLines(c(
    "import gzip, os, sys, zipfile",
    "import numpy as np",
    "os.chdir(sys.argv[1])",
    "x = (np.arange(5 * 784).reshape(5, 28, 28) * 7 % 256).astype(np.uint8)",
    "for t in '<f2 >f2 <f4 >f4 <f8 >f8'.split(): np.save('float-' + t[1:] + ('b' if t[0] == '>' else 'l') + '.npy', (x / 255).astype(t))",
    "for t in 'i2 >i2 <u4 >u4 <i8 >i8 u8'.split(): np.save('int-' + t.strip('<>') + ('b' if t[0] == '>' else 'l') + '.npy', x.astype(t))",
    "for s in [(5,784), (5,1,28,28), (5,784,1), (5,28,28,1), (5,1,784), (5,1,1,28,1,28)]:",
    "    np.save('shape-' + '-'.join(map(str, s)) + '.npy', x.reshape(s))",
    "    np.save('fortran-' + '-'.join(map(str, s)) + '.npy', np.asfortranarray(x.reshape(s).astype('>f4') / 255))",
    "np.save('one-a.npy', x[0]); np.save('one-b.npy', x[0].ravel()); np.save('one-c.npy', np.asfortranarray(x[0]))",
    "np.savez('a.npz', a=x, b=np.arange(5, dtype='>i4'))",
    "np.savez_compressed('b.npz', np.asfortranarray(x), labels=np.arange(5).reshape(5, 1))",
    "np.savez_compressed('c.npz', x=x, other=np.zeros((5, 2)))",
    "for way, name in [(zipfile.ZIP_BZIP2, 'bzip2'), (zipfile.ZIP_LZMA, 'lzma')]:",
    "    zipfile.ZipFile(name + '.npz', 'w', way).write('one-a.npy')",
    "open('two.npy.gz', 'wb').write(gzip.compress(open('shape-5-784.npy', 'rb').read()[:1000]) + gzip.compress(open('shape-5-784.npy', 'rb').read()[1000:]))",
    "# A bomb: the header says 5 drawings, a gigabyte is packed.",
    "import io; b = io.BytesIO(); np.save(b, x)",
    "with gzip.open('bomb.npy.gz', 'wb') as f:",
    "    f.write(b.getvalue())",
    "    for i in range(64): f.write(bytes(1 << 20))",
    "with gzip.open('promise.npy.gz', 'wb') as f: f.write(b.getvalue().replace(b'(5, 28, 28)', b'(9999999999, 28, 28)'.ljust(20))[:128])",
    "try:",
    "    import ml_dtypes",
    "    np.save('bf.npy', (x > 99).astype(ml_dtypes.bfloat16))",
    "except ImportError: pass"
  ), script)
  skip_if(system2(python, c(shQuote(script), shQuote(folder)), stderr = FALSE) != 0, "python failed")
  x <- as_drawings(aperm(array((seq_len(5 * 784) - 1) * 7 %% 256, c(28, 28, 5)), 3:1) %% 256)
  files <- list.files(folder, "^(float|int|shape|fortran)-.*npy$", full.names = TRUE)
  expect_gte(length(files), 24)
  for (file in files) expect_identical(read_drawings(!!file), x)
  for (name in c("one-a", "one-b", "one-c")) expect_identical(read_drawings(file.path(folder, paste0(name, ".npy"))), x[1])
  a <- read_drawings(file.path(folder, "a.npz"))
  expect_identical(a$pixels, x$pixels)
  expect_identical(labels(a), 0:4)
  expect_identical(read_drawings(file.path(folder, "b.npz")), a)
  expect_identical(read_drawings(file.path(folder, "c.npz")), x)
  expect_identical(read_drawings(file.path(folder, "two.npy.gz")), x)
  expect_error(read_drawings(file.path(folder, "bzip2.npz")), "packed by bzip2")
  expect_error(read_drawings(file.path(folder, "lzma.npz")), "packed by LZMA")
  expect_lt(system.time(expect_error(read_drawings(file.path(folder, "bomb.npy.gz")), "is too long"))[["elapsed"]], 1)
  expect_error(read_drawings(file.path(folder, "promise.npy.gz")), "this machine has|cannot hold")
  if (file.exists(file.path(folder, "bf.npy"))) {
    expect_identical(read_drawings(file.path(folder, "bf.npy")), as_drawings((round(as.array(x) * 255) > 99) * 1))
  }
})
