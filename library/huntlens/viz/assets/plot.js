(function () {
  "use strict";
  var INK = { light: @light@, dark: @dark@ }, SWAP = @swap@, TEXT = { light: "@lightink@", dark: "@darkink@" };
  function luminance(colour) {
    var c = /rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+))?/.exec(colour);
    if (!c || c[4] === "0") return -1;
    return (0.299 * c[1] + 0.587 * c[2] + 0.114 * c[3]) / 255;
  }
  function scheme(root) {
    var wanted = root.getAttribute("data-huntlens-plot");
    if (wanted !== "auto") return wanted;
    for (var e = root; e; e = e.parentElement) {
      var l = luminance(getComputedStyle(e).backgroundColor);
      if (l >= 0) return l < 0.5 ? "dark" : "light";
    }
    return luminance(getComputedStyle(root).color) > 0.5 ? "dark" : "light";
  }
  function swapped(value, which) { return which === "dark" && typeof value === "string" && SWAP[value] || value; }
  function dress(node, which) {
    if (!node || typeof node !== "object") return;
    if (Array.isArray(node)) {
      if (typeof node[0] === "string" && node[0][0] === "#") node.forEach(function (x, i) { node[i] = swapped(x, which); });
      else if (typeof node[0] === "object" || typeof node[1] === "object") node.forEach(function (x) { dress(x, which); });
      return;
    }
    if (node.type === "object") {
      var own = node.attributes = node.attributes || {};
      Object.assign(own, INK[which][node.name] || {});
      if (Array.isArray(own.tags) && own.tags.indexOf("@tag@") >= 0) own.text_color = { type: "value", value: TEXT[which] };
    }
    Object.keys(node).forEach(function (key) { node[key] = swapped(node[key], which); dress(node[key], which); });
  }
  function draw(root) {
    root.setAttribute("data-on", "waiting");
    var view = root.querySelector(".hl-view"), version = root.getAttribute("data-version"), tries = 0, which;
    view.style.minHeight = root.getAttribute("data-height") + "px";
    var item = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    (function wait() {
      var ready = (window.__huntlensBokeh || {})[version];
      if (!ready) {
        if (++tries === 60) view.textContent += " (This picture waits for its drawing library, which is in no output of this notebook any more: run this cell again as it is.)";
        setTimeout(wait, tries < 60 ? 100 : 1000);
        return;
      }
      ready.then(function (Bokeh) {
        dress(item.doc, which = scheme(root));
        var words = root.getAttribute("aria-description") || view.textContent;
        view.textContent = "";
        return Bokeh.embed.embed_item(item, view).then(function (views) {
          root.huntlensDrawn = { scheme: which, views: views };
          root.setAttribute("data-on", "drawn");
          view.setAttribute("title", "");
          root.setAttribute("aria-description", words);
        });
      }).catch(function (error) { view.textContent = "The picture could not be drawn: " + error; root.setAttribute("data-on", "failed"); });
    })();
  }
  function scan() { document.querySelectorAll("[data-huntlens-plot]:not([data-on])").forEach(draw); }
  // Another theme of the editor, or of the system, needs other ink.
  function redraw() {
    document.querySelectorAll("[data-huntlens-plot=auto][data-on=drawn]").forEach(function (root) {
      var drawn = root.huntlensDrawn;
      if (!drawn || drawn.scheme === scheme(root)) return;
      if (drawn.views && drawn.views.clear) drawn.views.clear();
      draw(root);
    });
  }
  function soon() { [50, 300, 1500].forEach(function (wait) { setTimeout(redraw, wait); }); }
  function watch() {
    if (window.__huntlensThemes) return;
    window.__huntlensThemes = true;
    new MutationObserver(soon).observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-name", "data-vscode-theme-id"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
  }
  if (document.body) watch();
  else document.addEventListener("DOMContentLoaded", watch);
  // While a page is being read, what a timer finds may be half there. An output may be put into a page that has been
  // read after its scripts have run.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", scan);
  else { scan(); setTimeout(scan, 50); setTimeout(scan, 500); }
})();
