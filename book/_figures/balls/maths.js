// Precision, recall, density and coverage of a few points in the plane, by balls that reach the k-th neighbour.
(function () {
  "use strict";
  const far = ([a, b], [c, d]) => Math.sqrt((a - c) * (a - c) + (b - d) * (b - d));
  const radii = (points, k) => points.map((p) => points.map((q) => far(p, q)).sort((a, b) => a - b)[k]); // entry 0 is the point itself
  const share = (flags) => flags.filter(Boolean).length / flags.length;

  function numbers({ points, k }) {
    const half = points.length / 2, real = points.slice(0, half), fake = points.slice(half), [reach, reachFake] = [radii(real, k), radii(fake, k)];
    const inReal = fake.map((f) => real.map((r, i) => far(r, f) <= reach[i])), inFake = real.map((r) => fake.map((f, j) => far(r, f) <= reachFake[j]));
    const fakeIn = inReal.map((row) => row.some(Boolean)), realIn = inFake.map((row) => row.some(Boolean)), held = real.map((_, i) => inReal.some((row) => row[i]));
    return { radii: reach, fake_radii: reachFake, fake_in: fakeIn, real_in: realIn, held, precision: share(fakeIn), recall: share(realIn),
             density: inReal.flat().filter(Boolean).length / (k * fake.length), coverage: share(held) };
  }

  window.GanMaths.balls = { numbers };
})();
