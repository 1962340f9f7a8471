// The site's own script: contents of a page, and search in window.siteIndex, which search.js holds. pkgdown's
// own asks content delivery networks for seven libraries; this site is read from a folder, without a network.
(() => {
  const main = document.querySelector("main");
  const headings = main ? [...main.querySelectorAll("h2[id], h3[id]")] : [];
  const contents = document.querySelector("#toc");
  if (contents && headings.length > 1) {
    const list = document.createElement("ul");
    for (const heading of headings) {
      const entry = list.appendChild(document.createElement("li"));
      entry.className = heading.tagName.toLowerCase();
      const link = entry.appendChild(document.createElement("a"));
      link.href = "#" + heading.id;
      link.textContent = heading.textContent.trim();
    }
    contents.append(list);
  } else if (contents) {
    contents.parentElement.hidden = true;
  }

  const search = document.querySelector("#search");
  const field = search.querySelector("input");
  const found = search.querySelector("ul");
  const index = (window.siteIndex || []).map((page) => ({
    ...page, title: page.title.toLowerCase(), what: page.what.toLowerCase(),
    all: (page.what + " " + page.text).toLowerCase(), shown: page.what, page: page.title,
  }));
  const score = (page, words) => {
    let sum = 0;
    for (const word of words) {
      if (!page.all.includes(word) && !page.title.includes(word)) return 0;
      sum += 1 + 4 * page.title.includes(word) + 4 * page.what.includes(word);
    }
    return sum;
  };
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
    const hits = words.length ? index.map((page) => [score(page, words), page]).filter((hit) => hit[0] > 0) : [];
    hits.sort((a, b) => b[0] - a[0]);
    const seen = new Set(); // of each page its best place
    const best = hits.filter(([, page]) => !seen.has(page.path) && seen.add(page.path));
    found.replaceChildren(...best.slice(0, 12).map(([, page]) => {
      const entry = document.createElement("li");
      const link = entry.appendChild(document.createElement("a"));
      link.href = search.dataset.root + page.path + (page.id ? "#" + page.id : "");
      link.textContent = !page.shown || page.shown === page.page ? page.page : page.page + " › " + page.shown;
      return entry;
    }));
    found.hidden = hits.length === 0;
  };
  field.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") found.hidden = true;
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      field.focus();
    }
  });
})();
