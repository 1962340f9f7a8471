// Which groups and which squared errors are shown.
for (const [name, kind] of Object.entries(groups)) {
  const head = document.createElement("div"), title = document.createElement("h3"), list = document.createElement("div"), boxes = [];
  head.className = "row"; title.textContent = kind.title; list.className = "filter"; list.id = `filter-${name}`;
  head.append(title);
  const every = document.createElement("span");
  for (const [text, off] of [["All", 0], ["None", 1]]) {
    const button = document.createElement("button");
    button.textContent = text; button.setAttribute("aria-label", `${text} of ${kind.title.toLowerCase()}`);
    button.addEventListener("click", () => { kind.hidden.fill(off); boxes.forEach((box) => { box.checked = !off; }); refilter(); });
    every.append(button, " ");
  }
  head.append(every);
  kind.swatches = kind.names.map((text, k) => {
    const row = document.createElement("label"), box = document.createElement("input"), dot = document.createElement("span"), count = document.createElement("span"), words = document.createElement("span");
    box.type = "checkbox"; box.checked = true;
    box.addEventListener("change", () => { kind.hidden[k] = box.checked ? 0 : 1; refilter(); });
    dot.className = "swatch"; count.className = "count"; count.textContent = number(kind.count[k]); words.textContent = text;
    row.append(box, dot, words, count);
    list.append(row); boxes.push(box);
    return dot;
  });
  byId("filters").append(head, list);
}
for (const id of ["least", "most"]) byId(id).addEventListener("input", () => {
  if (+byId("least").value > +byId("most").value) byId(id === "least" ? "most" : "least").value = byId(id).value;
  refilter();
});
