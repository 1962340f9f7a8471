// For R/import_keras.R: a forked process that may die.
#include <Rcpp.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

// From here on a crash ends this process and nothing else. R's own handlers would remove the temporary folder, which
// is the parent's too, and write a page to the terminal.
// [[Rcpp::export]]
void die_alone_cpp() {
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) std::signal(signal, SIG_DFL);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
}
