// Where this page is: in a file, where its data lie in it, or served by R, which sends a message when it has them.
const opened = await new Promise((open) => {
  const data = byId("explorer-data");
  if (data) {
    const meta = JSON.parse(data.textContent);
    open({ meta, source: bakedSource(meta) });
    return;
  }
  Shiny.addCustomMessageHandler("taken", (text) => { byId("title").textContent = text; });
  Shiny.addCustomMessageHandler("explorer", ({ meta: text, url }) => {
    const meta = JSON.parse(text), source = liveSource(meta, url);
    source.selected = (rows) => Shiny.setInputValue("selected", rows);
    source.ready = () => Shiny.setInputValue("ready", true);
    source.done = () => { Shiny.setInputValue("done", 1, { priority: "event" }); fail("Back in R; this page can be closed."); };
    open({ meta, source });
  });
});
const { meta, source } = opened;
