// Scores and codes that come while the page is open.
for (const name of Object.keys(groups)) byId("colour").append(new Option(name, name));
byId("colour").append(new Option("squared error", "error"), new Option("density", "density"), new Option("one colour", "none"));
const byError = byId("colour").querySelector("[value=error]");
function setScores(scores, cutoff) {
  mse = scores; sortedError = scores && Float32Array.from(scores).sort(); meta.cutoff = cutoff;
  byError.disabled = byId("score-filter").hidden = scores === null;
}
setScores(arrays.mse, meta.cutoff);
const moreCodes = latest(async () => {
  const { rows, codes } = await source.codes(encoded);
  rows.forEach((row, k) => { z.set(codes.subarray(k * d, (k + 1) * d), row * d); there[row] = 1; });
  encoded += rows.length;
  useAxes(); recolour();
  // The faster way for few points may be the slower one for many.
  if (encoded > 2 * chosenFor && timings.frame.at(-1) > 16) choosePainter();
  if (near >= 0 && nearest(...at) !== near) pointTo(...at);
});
function tell(what, share) {
  byId("progress").hidden = share === 1;
  byId("progress").textContent = `${what === "codes" ? "Encoded" : "Squared errors computed:"} ${Math.floor(100 * share)} %`;
}
if (encoded < n) tell("codes", encoded / n); else if (mse === null) tell("scores", 0);
if (encoded < n || mse === null) Shiny.addCustomMessageHandler("progress", ({ what, share, cutoff }) => {
  tell(what, share);
  if (what === "codes") moreCodes();
  else if (share === 1) source.scores().then((scores) => { setScores(scores, cutoff); refilter(); if (near >= 0) pointTo(...at); }).catch(fail);
});
if (!cluster && !label) byId("colour").value = "density";
byId("colour").addEventListener("change", recolour);
