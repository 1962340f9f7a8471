// The latent explorer's page, live (R/latent_explorer.R: a Shiny session decodes) and offline (R/save_explorer.R: decoded
// drawings lie in the page and are blended). Nothing is loaded from elsewhere. All text that comes from data goes through
// textContent. R/explorer.R joins the files of this folder, in its order, to one script; what stands in one, those after
// it may use, and functions all. Tests: tests/browser/.

// Small things that every other file uses.
const byId = (id) => document.getElementById(id);
const number = (x) => x.toLocaleString("en");
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
const fail = (error) => { byId("status").textContent = error.message || String(error); byId("status").hidden = false; };

// One question at a time; of those that come meanwhile only the last is asked.
function latest(work) {
  let running = false, next = null;
  return async (...given) => {
    next = given;
    if (running) return;
    running = true;
    try {
      while (next) { const now = next; next = null; await work(...now); }
    } catch (error) { fail(error); } finally { running = false; }
  };
}
