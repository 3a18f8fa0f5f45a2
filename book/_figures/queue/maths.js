// A program launches operations in order, a device runs them in order; the program may wait for the queue to run empty.
(function () {
  "use strict";
  const OPERATIONS = 12;

  function play(h, d, every) { // every: operations from one wait to the next; 0 never waits
    const launches = [], runs = [];
    let program = 0, device = 0;
    for (let i = 1; i <= OPERATIONS; i++) {
      launches.push([program, program + h]);
      program += h;
      const start = Math.max(program, device);
      runs.push([start, start + d]);
      device = start + d;
      if (every && i % every === 0) program = device;
    }
    return { launches, runs, end: device };
  }

  function numbers({ h, d, every }) {
    const free = play(h, d, 0), waiting = play(h, d, every), [H, D] = [OPERATIONS * h, OPERATIONS * d];
    return { launches: waiting.launches, runs: waiting.runs, free: free.end, time: waiting.end, slower: waiting.end / free.end,
             least: Math.max(H, D), most: H + D, idle: 100 * (1 - D / waiting.end) };
  }

  window.GanMaths.queue = { numbers };
})();
