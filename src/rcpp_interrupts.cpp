// Marshalling for R/engine.R and R/vae_fit.R: interrupts.
#include "rcpp_host.h"

// Does whoever called hold interrupts back?
// [[Rcpp::export(rng = false)]]
bool interrupts_held_cpp() { return R_interrupts_suspended != FALSE; }

// Sets whether calls of the engine end at Ctrl-C, and says how it was.
// [[Rcpp::export(rng = false)]]
bool obey_interrupts_cpp(bool obey) { return std::exchange(sketchvae::obeys_interrupts, obey); }

// Takes the interrupt that waits: was there one?
// [[Rcpp::export(rng = false)]]
bool take_interrupt_cpp() { return sketchvae::take_interrupt(); }

// What R does between the lines of a script: windows are redrawn, time limits seen (an error of R).
// [[Rcpp::export(rng = false)]]
void process_events_cpp() { sketchvae::process_events(); }
