/** Runs in the page, before all of its own: notes what the browser itself measures. */
globalThis.observed = { paint: 0, delays: [], longTasks: [], frames: [] };

function observe(type, options, note) {
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({
    type,
    buffered: true,
    ...options,
  });
}

observe("largest-contentful-paint", {}, ({ startTime }) => {
  observed.paint = startTime;
});
/** From the key to the next frame that shows what it did; the shortest that a browser tells are 16 ms. */
observe("event", { durationThreshold: 16 }, ({ interactionId, duration }) => {
  if (interactionId) observed.delays.push(duration);
});
observe("longtask", {}, ({ duration }) => {
  observed.longTasks.push(duration);
});

let last = performance.now();
requestAnimationFrame(function next(now) {
  observed.frames.push(now - last);
  last = now;
  requestAnimationFrame(next);
});
