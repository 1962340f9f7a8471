// Stands before RcppEigen's own header on the include path. LinkingTo: RcppEigen is there for the
// engine's use of Eigen, but makes RcppExports.cpp include all of RcppEigen.h: twenty seconds and
// hundreds of warnings for nothing.
#pragma once
