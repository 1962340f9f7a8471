library(testthat)
library(sketchvae)

test_check("sketchvae")
