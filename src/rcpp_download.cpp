// Marshalling for R/download.R and R/download_part.R.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "data/files.h"
#include "error.h"
#include "log/events.h"
#include "rcpp_fit.h"

// A lock on a file, which is made: list(state, lock), state being "held", "busy" (another session has it) or
// "none" (there are no locks here). It ends with unlock_file_cpp() or the session.
// [[Rcpp::export]]
Rcpp::List lock_file_cpp(std::string path) {
  auto made = std::make_unique<sketchvae::FileLock>(path);
  Rcpp::XPtr<sketchvae::FileLock> lock(made.get(), true);
  made.release();
  const char* states[] = {"held", "busy", "none"};
  return Rcpp::List::create(Rcpp::_["state"] = states[static_cast<int>(lock->state())],
                            Rcpp::_["lock"] = lock);
}

// [[Rcpp::export]]
void unlock_file_cpp(Rcpp::List lock) {
  Rcpp::XPtr<sketchvae::FileLock> held(static_cast<SEXP>(lock["lock"]));
  held.release();
}

// [[Rcpp::export]]
void append_file_cpp(std::string path, Rcpp::RawVector bytes) {
  sketchvae::append_file(path, sketchvae::bytes_of(bytes));
}

// Of a file's first bytes.
// [[Rcpp::export]]
std::string hash_file_cpp(std::string path, double bytes) {
  return std::to_string(sketchvae::hash_file(path, static_cast<int64_t>(bytes)));
}

// [[Rcpp::export]]
void cut_file_cpp(std::string path, double bytes) {
  if (::truncate(path.c_str(), static_cast<off_t>(bytes)) != 0) {
    throw sketchvae::Error("cannot write '" + path + "': " + std::strerror(errno));
  }
}
