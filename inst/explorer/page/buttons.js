// Buttons: what dragging does, what is saved, views, themes.
function setMode(name) {
  mode = name;
  for (const other of ["move", "lasso", "walk"]) byId("mode-" + other).setAttribute("aria-pressed", other === name);
}
for (const name of ["move", "lasso", "walk"]) byId("mode-" + name).addEventListener("click", () => setMode(name));
function save(name, blob) {
  const link = document.createElement("a");
  link.download = name; link.href = URL.createObjectURL(blob); link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
// What the colours of a saved picture mean: the groups that are shown, the first twenty of them.
function drawLegend(context) {
  const by = byId("colour").value, kind = groups[by], line = 18 * scale, entries = [];
  if (kind) kind.names.forEach((name, k) => { if (!kind.hidden[k]) entries.push([groupColour(by, k), name.length > 30 ? name.slice(0, 29) + "\u2026" : name]); });
  else if (by !== "none") ramp().filter((_, k) => k % 12 === 0).forEach((colour, k, all) => entries.push([colour, k === 0 ? byId("ramp-low").textContent : k === all.length - 1 ? byId("ramp-high").textContent : ""]));
  context.font = `${12 * scale}px system-ui, sans-serif`; context.textAlign = "left"; context.textBaseline = "middle";
  const shownEntries = entries.slice(0, 20), x = width - 20 * scale - Math.max(0, ...shownEntries.map(([, text]) => context.measureText(text).width));
  shownEntries.forEach(([colour, text], k) => {
    const y = 16 * scale + k * line;
    context.fillStyle = colour; context.fillRect(x - 16 * scale, y - 6 * scale, 12 * scale, 12 * scale);
    context.fillStyle = getComputedStyle(map).color; context.fillText(text, x, y);
  });
}
byId("save-map").addEventListener("click", () => {
  const out = document.createElement("canvas"), context = out.getContext("2d");
  out.width = width; out.height = height;
  context.fillStyle = getComputedStyle(map).backgroundColor; context.fillRect(0, 0, width, height);
  drawBack(); painter.draw(view, pointSize()); drawOver(true);
  context.globalAlpha = 0.45; context.drawImage(back, 0, 0); context.globalAlpha = 1;
  context.drawImage(painter.canvas, 0, 0); context.drawImage(over, 0, 0);
  drawLegend(context);
  out.toBlob((blob) => save("latent-space.png", blob));
  later();
});
byId("save-drawing").addEventListener("click", () => {
  const out = document.createElement("canvas"), context = out.getContext("2d");
  out.width = 10 * wide; out.height = 10 * high; context.imageSmoothingEnabled = false;
  context.drawImage(byId("decoded"), 0, 0, out.width, out.height);
  out.toBlob((blob) => save("drawing.png", blob));
});
byId("save-rows").addEventListener("click", () => {
  save("rows.csv", new Blob(["row\n", pickedRows.map((i) => i + 1).join("\n"), "\n"], { type: "text/csv" }));
});
byId("select-shown").addEventListener("click", () => select(shown));
byId("clear").addEventListener("click", () => select([]));
byId("bulk").addEventListener("click", () => { bulkView(); moved(); });
byId("whole").addEventListener("click", () => { wholeView(); moved(); });
byId("backdrop").addEventListener("change", () => { moved(); decodeBack(); });
byId("theme").addEventListener("click", () => { theme(!isDark()); recolour(); decodeBack(); });
darkNow.addEventListener("change", () => { theme(darkNow.matches); recolour(); decodeBack(); });
if (source.done) {
  byId("done").hidden = false;
  byId("done").addEventListener("click", () => source.done());
}
