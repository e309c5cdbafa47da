(function () {
  "use strict";
  var all = window.__huntlensBokeh = window.__huntlensBokeh || {};
  if (all["@version@"]) return;
  var nonce = document.currentScript && document.currentScript.nonce;
  all["@version@"] = (async function () {
    if (window.Bokeh && window.Bokeh["@version@"]) return window.Bokeh["@version@"];
    var bytes = Uint8Array.from(atob("@packed@"), function (c) { return c.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    var text = await new Response(stream).text();
    // Module loaders of the page are hidden from BokehJS, so that it attaches itself to the window.
    var script = document.createElement("script");
    if (nonce) script.nonce = nonce;
    script.textContent = "(function(module,exports,define){" + text + "\n}).call(window);";
    document.head.append(script);
    script.remove();
    return window.Bokeh["@version@"] || window.Bokeh;
  })();
})();
