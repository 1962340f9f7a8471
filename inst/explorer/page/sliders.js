// Sliders for the dimensions that the map does not show, and which two it shows.
function showSliders() {
  const list = byId("slider-list");
  byId("sliders").hidden = d < 3;
  list.replaceChildren();
  for (let k = 0; k < d; k++) {
    if (axes.includes(k)) continue;
    const box = document.createElement("label"), value = document.createElement("output"), input = document.createElement("input");
    const low = meta.limits[2 * k], up = meta.limits[2 * k + 1];
    box.className = "slider"; input.type = "range"; input.min = 0; input.max = 1000; input.id = `dim-${k + 1}`;
    input.value = Math.round(1000 * (middle[k] - low) / (up - low)); value.textContent = middle[k].toFixed(2);
    input.addEventListener("input", () => {
      middle[k] = low + input.value / 1000 * (up - low); value.textContent = middle[k].toFixed(2);
      pointTo(...at); settle();
    });
    box.append(`Dimension ${k + 1} `, value, input);
    list.append(box);
  }
}
byId("take-code").addEventListener("click", () => {
  if (near < 0) return;
  for (let k = 0; k < d; k++) middle[k] = z[near * d + k];
  showSliders(); pointTo(xs[near], ys[near]); settle();
});
byId("take-median").addEventListener("click", () => { middle.set(meta.medians); showSliders(); pointTo(...at); settle(); });
if (d > 2 && !meta.baked) {
  byId("axes").hidden = false;
  for (const [id, which] of [["across", 0], ["up", 1]]) {
    for (let k = 0; k < d; k++) byId(id).append(new Option(k + 1, k));
    byId(id).value = axes[which];
    byId(id).addEventListener("change", () => {
      const next = axes.slice();
      next[which] = +byId(id).value;
      if (next[0] === next[1]) next[1 - which] = axes[which];
      axes = next; byId("across").value = axes[0]; byId("up").value = axes[1];
      dropWalk(); mosaic = null; useAxes(); bulkView(); showSliders(); recolour(); pointTo((left + right) / 2, (bottom + top) / 2);
    });
  }
}
