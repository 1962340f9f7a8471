# What developers type. Nothing needs make: tools/demo and tools/test are plain scripts.
.PHONY: install test long demo cpp-test parity docs format lint clean

install:  ## into R's own library
	R CMD INSTALL .
test:     ## every test: configure, C++, R, R CMD check
	sh tools/test
long:     ## the same and the long ones: sanitizers, fuzzing
	sh tools/test --long
demo:     ## the sheep analysis
	sh tools/demo
cpp-test: ## the engine without R
	cmake -S tests/cpp -B build && cmake --build build -j2 && build/sketchvae_tests
parity:   ## the table of differences from real Keras
	sh tools/parity
docs:     ## bindings, NAMESPACE and man/
	Rscript -e 'Rcpp::compileAttributes()' -e 'roxygen2::roxygenise(load_code = roxygen2::load_source)'
format:   ## C++ sources
	clang-format -i src/*.cpp src/*.h src/engine/*.h src/engine/*.cpp src/engine/*/*.h src/engine/*/*.cpp tests/cpp/*.cpp
lint:     ## R sources
	Rscript -e 'lintr::lint_package()'
clean:    ## what configure, the compiler and the tests left
	sh cleanup; rm -rf build sketchvae_*.tar.gz sketchvae.Rcheck sheep-analysis
